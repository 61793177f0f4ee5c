"""Who is compared with whom: a sample by gender, by age and by country. Comparing is left to `dif`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from undertow.bank.responses import MISSING
from undertow.calibrate.recipe import Recipe
from undertow.calibrate.sample import Sample
from undertow.errors import InputError

GROUPINGS = ("gender", "age", "country")
"""The names of all groupings, in the order of reports."""
LEAST_ROWS_FOR_DIF = 200
"""With fewer, chance moves an item as far apart between two groups as a real difference does."""

_GENDERS: Mapping[str, str] = MappingProxyType({"man": "men", "woman": "women"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouping:
    """Groups of a sample's rows; `name` is one of GROUPINGS.

    `words` (G,) name the groups for programs ("man", "18-24", "US"), `names` (G,) for people.
    `members` (G, N) says who is in which; nobody is in two, and who is in none said nothing of it.
    `left_out` are sentences for the card about groups that are too small to be compared.
    """

    name: str
    words: tuple[str, ...]
    names: tuple[str, ...]
    members: NDArray[np.bool_]
    left_out: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The groups as sentences and tables name them, as short as can be: "men", "18-24", "US"."""
        # "18-24 less 25-34" reads better than with "people aged" in it twice; "men", than "man".
        return self.names if self.name == "gender" else self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Groupings:
    """All groupings that can be compared, and sentences for the card about what was left out."""

    kept: tuple[Grouping, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Group:
    word: str
    name: str
    member: NDArray[np.bool_]


def groupings_of(sample: Sample, recipe: Recipe) -> Groupings:
    """The groupings that the recipe names a column for and whose groups are large enough.

    Of those that are not, and of single groups too small, `left_out` says so.
    """
    kept: list[Grouping] = []
    left_out: list[str] = []
    for name in GROUPINGS:
        if not _groups(name, sample, recipe):
            continue
        try:
            grouping = grouping_of(sample, recipe, name)
        except InputError as error:
            left_out.append(f"Not compared by {name}: {error}")
            continue
        kept.append(grouping)
        left_out += grouping.left_out
    return Groupings(kept=tuple(kept), left_out=tuple(left_out))


def grouping_of(sample: Sample, recipe: Recipe, name: str) -> Grouping:
    """One grouping: men and women, the recipe's age bands, or the home country and all others.

    A group needs as many rows as the recipe's norms.least_rows and at least LEAST_ROWS_FOR_DIF, and
    every category of every item. Raises InputError naming group, count and what is needed when
    the recipe or the sample does not have the grouping, when men or women, home or the others are
    too few, or when fewer than two age bands are left.
    """
    if name not in GROUPINGS:
        raise InputError(f"{name!r} is no grouping. Choose one of {', '.join(GROUPINGS)}.")
    groups = _groups(name, sample, recipe)
    if not groups:
        raise InputError(
            f"Recipe '{recipe.id}' names no {_NEEDED[name]}, so nobody can be compared by {name}. "
            "Add it to the recipe."
        )
    lacking = {group.word: _lacks(group, sample, recipe) for group in groups}
    good = [group for group in groups if not lacking[group.word]]
    told = tuple(lack for lack in lacking.values() if lack)
    # Men cannot be compared without women; of several age bands some may be missing.
    if told and (name != "age" or len(good) < 2):
        raise InputError(told[0])
    return Grouping(
        name=name,
        words=tuple(group.word for group in good),
        names=tuple(group.name for group in good),
        members=np.stack([group.member for group in good]),
        left_out=told,
    )


_NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "gender": "gender column with codes for man and woman",
        "age": "age column with two bands in norms.ages",
        "country": "country column",
    }
)


def _groups(name: str, sample: Sample, recipe: Recipe) -> Sequence[_Group]:
    """All groups of a grouping, however small; none when the archive or the recipe has no such."""
    by_name: Mapping[str, Callable[[Sample, Recipe], Sequence[_Group]]] = {
        "gender": _by_gender,
        "age": _by_age,
        "country": _by_country,
    }
    return by_name[name](sample, recipe)


def _by_gender(sample: Sample, recipe: Recipe) -> Sequence[_Group]:
    if sample.gender is None or recipe.gender is None:
        return ()
    if not set(recipe.gender.words.values()) >= _GENDERS.keys():
        return ()
    return [
        _Group(word=word, name=recipe.norms.genders.get(word, name), member=sample.gender == word)
        for word, name in _GENDERS.items()
    ]


def _by_age(sample: Sample, recipe: Recipe) -> Sequence[_Group]:
    bands = recipe.norms.ages
    if sample.age is None or len(bands) < 2:
        return ()
    return [
        _Group(
            word=band.name,
            name=f"people aged {band.name}",
            member=(sample.age >= band.lowest) & (sample.age <= band.highest),
        )
        for band in bands
    ]


def _by_country(sample: Sample, recipe: Recipe) -> Sequence[_Group]:
    if sample.country is None or recipe.country is None:
        return ()
    home = recipe.country.home
    return [
        _Group(word=home, name=f"people in {home}", member=sample.country == home),
        _Group(word="other", name="people in other countries", member=sample.country == "other"),
    ]


def _lacks(group: _Group, sample: Sample, recipe: Recipe) -> str:
    """A sentence on why the group cannot be compared, or nothing."""
    rows, needed = int(group.member.sum()), max(recipe.norms.least_rows, LEAST_ROWS_FOR_DIF)
    if rows < needed:
        return (
            f"Group '{group.word}' has {rows:,} rows and needs {needed:,}. Give an archive with "
            "more people of that group, or leave the comparison out."
        )
    own = sample.keyed[group.member]
    for position, item in enumerate(recipe.items):
        column = own[:, position]
        counts = np.bincount(column[column != MISSING], minlength=recipe.categories)
        if (counts == 0).any():
            keyed = int(np.argmin(counts))
            shown = keyed if item.keying == 1 else recipe.categories - 1 - keyed
            return (
                f"Group '{group.word}' has {rows:,} rows, and none of them chose "
                f"{recipe.lowest + shown} in column {item.column}, which every group needs. "
                "Leave the comparison or the item out."
            )
    return ""


def ends_of(grouping: Grouping) -> Grouping | None:
    """The first and the last of more than two groups, to be compared under the rules for two.

    Ages are told in their order, so these are the youngest and the oldest. None of two groups.
    """
    if len(grouping.words) < 3:
        return None
    ends = (0, -1)
    return Grouping(
        name=f"{grouping.name}-ends",
        words=(grouping.words[0], grouping.words[-1]),
        names=(grouping.names[0], grouping.names[-1]),
        members=np.stack([grouping.members[at] for at in ends]),
    )
