"""Weeks of nights in minutes, with faults at random: `make soak`."""
