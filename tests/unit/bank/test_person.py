"""Facts about a person: nothing is assumed of someone who says nothing."""

from __future__ import annotations

from undertow.bank.person import AgeBand, Facts, Gender, Relationship


def test_everything_may_be_left_unstated() -> None:
    facts = Facts()

    assert facts.age_band == AgeBand.UNSTATED
    assert facts.gender == Gender.UNSTATED
    assert facts.gender_own_words == ""
    assert facts.relationship == Relationship.UNSTATED
    assert facts.partner_word == "partner"


def test_each_question_can_be_declined() -> None:
    for kind in (AgeBand, Gender, Relationship):
        assert "unstated" in {member.value for member in kind}
