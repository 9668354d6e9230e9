"""A dead man's switch: a monitor outside is asked for after each night's work; where nobody asks any more, it calls.

The address is the secret: it stands in the settings by reference, and neither a log line nor an error holds it.
"""

from __future__ import annotations

import time
from typing import Final

from audit.errors import SourceError
from audit.http import HttpClient
from audit.settings import SourceSettings
from audit.settings.deployment import Pull
from audit.settings.secrets import Secret

ANSWER_BYTES_MAX: Final = 64 * 1024
"""Nobody reads the answer; what is longer is cut off."""
_ONCE: Final = Pull(attempts=1)


def ping(address: Secret, timeout_s: float) -> str:
    """Ask for the address once.

    Args:
        address: http or https.
        timeout_s: after so many seconds it has failed, whatever goes on.

    Returns:
        why it failed; `""` where it did not.
    """
    source = SourceSettings(kind="log_api", timeout_s=timeout_s, page_bytes_max=ANSWER_BYTES_MAX)
    try:
        with HttpClient("ping", source, _ONCE, time.monotonic() + timeout_s) as client:
            client.ask(address.reveal())
    except SourceError as error:
        return error.reason
    return ""
