"""For developers: writes the next migration from the difference between `schema.py` and the steps so far.

python -m audit.ledger.new_migration "what changes"
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from audit.ledger.database import MIGRATIONS, migrate


def main(message: str) -> None:
    """Write `migrations/versions/NNNN_message.py`; read it over before it is committed."""
    number = len(list((MIGRATIONS / "versions").glob("0*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        engine = sa.create_engine(f"sqlite:///{Path(folder) / 'empty.sqlite'}")
        with engine.begin() as connection:
            migrate(connection)
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            config.attributes["connection"] = connection
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")


if __name__ == "__main__":
    main(sys.argv[1])
