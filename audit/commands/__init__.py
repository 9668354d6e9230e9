"""The commands: every module here has a tuple `COMMANDS`. A command is added by adding its file."""
