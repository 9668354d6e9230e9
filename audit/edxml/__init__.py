"""edXML messages (QCVN 102:2016/BTTTT and its 2022 amendment): what agencies' systems send each other over the axis.

``bytes → tree → message → rows of the contract``. Read leniently where systems differ (``wire.md`` section 1): prefixes
and order of elements do not matter, nor does junk before the first ``<``; a message that cannot be read is an
`UnreadableMessageError`, which becomes a reject, never a crash.
"""

from audit.edxml.message import Message, UnreadableMessageError, read_message, without_content
from audit.edxml.rows import PageRows, rows_of

__all__ = ["Message", "PageRows", "UnreadableMessageError", "read_message", "rows_of", "without_content"]
