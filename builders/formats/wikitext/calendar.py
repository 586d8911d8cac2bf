"""Templates of dates: a day in words, an age at death, a year of the Japanese eras."""

from __future__ import annotations

from collections.abc import Mapping

# The first year of each era (https://www.ndl.go.jp/); a year in which two meet bears the name of the later.
_ERAS = ((2019, "令和"), (1989, "平成"), (1926, "昭和"), (1912, "大正"), (1868, "明治"))


def date_of(arguments: Mapping[str, str], first: int = 1) -> str:
    """`2001年2月3日` from year, month and day in three arguments, as far as they are there and are numbers.

    Args:
        arguments: of the template.
        first: number of the year's argument.
    """
    year, month, day = (arguments[str(first + index)].strip() for index in range(3))
    if not _is_small(year):
        return year
    words = f"{int(year)}年"
    if _is_small(month):
        words += f"{int(month)}月"
        if _is_small(day):
            words += f"{int(day)}日"
    return words


def after_date(arguments: Mapping[str, str], age_only: bool = False) -> str:
    """The day of a death, arguments 4 to 6, with the age reached since the day of birth, arguments 1 to 3."""
    numbers = [arguments[str(index)].strip() for index in range(1, 7)]
    date = date_of(arguments, 4)
    if not all(map(_is_small, numbers)):
        return "" if age_only else date
    year, month, day, last_year, last_month, last_day = map(int, numbers)
    age = last_year - year - ((last_month, last_day) < (month, day))
    return f"（{age}歳没）" if age_only else f"{date}（{age}歳没）"


def era_year(arguments: Mapping[str, str]) -> str:
    """`平成12年` from the year 2000; nothing for a year before Meiji, whose eras begin within years."""
    year = arguments["1"].strip()
    if not _is_small(year):
        return ""
    for start, era in _ERAS:
        if int(year) >= start:
            count = int(year) - start + 1
            return f"{era}{'元' if count == 1 else count}年"
    return ""


def _is_small(text: str) -> bool:
    """Whether a text is a number that a date can have."""
    return text.isdecimal() and len(text) <= 4
