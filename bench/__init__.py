"""How fast is it, and beside what? `make bench`; see docs/hieu-nang.md.

Every measure runs in a child process of its own, so that its time and its memory are its own. What it is compared with
runs in the same bench, on the same machine, over the same files.
"""
