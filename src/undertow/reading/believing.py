"""Whether a session's answers can be believed, in the words for it; weighing that is left to `measure`."""

from __future__ import annotations

from undertow.measure.belief import LONG_RUN, Belief, Verdict, believe
from undertow.measure.person_fit import answered_by
from undertow.measure.session import Session
from undertow.reading.phrase import Phrases


def belief_of(session: Session) -> Belief:
    """How far a session's answers can be believed, under the model that scores them.

    Times of answering are not known here: nothing records them.
    """
    return believe(answered_by(session.test.model, session.answers))


def belief_sentences(belief: Belief, phrases: Phrases) -> tuple[str, ...]:
    """What is said beside the other sentences on how sure a result is; nothing where all is fine.

    Where the place is withheld, the headline has said so already.
    """
    if belief.verdict is Verdict.FINE:
        return ()
    said = [phrases.say("belief_widen")] if belief.verdict is Verdict.WIDEN else []
    if belief.longest_run >= LONG_RUN:
        said.append(phrases.say("belief_run"))
    return tuple(said)
