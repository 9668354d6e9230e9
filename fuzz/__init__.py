"""Inputs that nobody sends on purpose, guided by coverage (atheris): `make fuzz`."""
