import pickle

import pytest

from audit import errors
from audit.errors import (
    AuditError,
    ClusterError,
    ConfigError,
    DataError,
    LockedError,
    Mistake,
    PermanentSourceError,
    RenderError,
    SourceError,
    TransientSourceError,
)

EXAMPLES = [
    (
        ConfigError.of("audit.toml", "mail.port", "0", "at least 1"),
        "1 mistake in the settings\n  audit.toml: mail.port = 0: at least 1",
    ),
    (TransientSourceError("H03.01", "answered too late", retry_after_s=5.0), "H03.01: answered too late"),
    (
        PermanentSourceError("H03.01", "bad credentials", failed_at="ours", http_status=401),
        "H03.01: bad credentials (HTTP 401)",
    ),
    (DataError("page 1", "not JSON"), "page 1: not JSON"),
    (RenderError("weekly_pdf", "no font"), "weekly_pdf: no font"),
    (ClusterError("dask://h:1", "nobody answers"), "dask://h:1: nobody answers"),
    (LockedError("var/lock", "process 7"), "var/lock is locked by process 7"),
    (LockedError("var/lock"), "var/lock is locked"),
]


@pytest.mark.parametrize(("error", "text"), EXAMPLES)
def test_text_says_what_the_fields_hold(error, text):
    assert str(error) == text


def test_every_error_of_the_tree_is_an_audit_error_and_drawn():
    drawn = errors.__doc__
    classes = [thing for thing in vars(errors).values() if isinstance(thing, type) and issubclass(thing, Exception)]
    assert len(classes) == 9
    for error in classes:
        assert issubclass(error, AuditError)
        assert error.__name__ in drawn


def test_whether_to_retry_is_in_the_type():
    assert issubclass(TransientSourceError, SourceError)
    assert issubclass(PermanentSourceError, SourceError)
    assert not issubclass(PermanentSourceError, TransientSourceError)
    assert TransientSourceError("H03.01", "429", retry_after_s=5.0).retry_after_s == 5.0
    assert PermanentSourceError("H03.01", "401", failed_at="ours").failed_at == "ours"


@pytest.mark.parametrize("error", [error for error, _ in EXAMPLES])
def test_errors_survive_the_way_between_processes(error):
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_several_mistakes_have_a_line_each():
    one, two = Mistake("a.toml", "x", "1", "2"), Mistake("b.toml", "", "(not TOML)", "TOML")
    assert str(ConfigError((one, two))).splitlines() == [
        "2 mistakes in the settings",
        "  a.toml: x = 1: 2",
        "  b.toml = (not TOML): TOML",
    ]


def test_a_config_error_without_a_mistake_is_a_bug():
    with pytest.raises(ValueError, match="at least one"):
        ConfigError(())
