"""Heads of tables say what they are the heads of (ISO 14289-1, 7.5).

WeasyPrint names the heads of each data cell, but of a head that stands above heads, as the corner of a table does,
nobody would know.
"""

from __future__ import annotations

import pydyf


def mark_scopes(pdf: pydyf.PDF) -> None:
    """Gives each head in the tag tree its scope: the column where it stands in the table's head, else the row."""
    for element in pdf.objects:
        if isinstance(element, pydyf.Dictionary) and element.get("S") == "/TH":
            group = _parent(_parent(element, pdf), pdf)
            element["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"


def _parent(element: pydyf.Dictionary, pdf: pydyf.PDF) -> pydyf.Dictionary:
    return pdf.objects[int(element["P"].split()[0])]
