"""Pages that people write, with a part between two marks that a benchmark writes."""


def replaced(page: str, begin: str, end: str, text: str) -> str:
    """The page with what stands between the two marks replaced; raises `ValueError` when it has no such marks."""
    before, _, rest = page.partition(begin)
    _, mark, after = rest.partition(end)
    if not mark:
        raise ValueError(f"the page has no {begin} … {end}")
    return f"{before}{begin}\n\n{text}\n{end}{after}"
