#!/usr/bin/env python3
"""Starts the audit's command line: ``run_audit.py --help`` tells what it can do."""

import sys

from audit.cli import main

if __name__ == "__main__":
    sys.exit(main())
