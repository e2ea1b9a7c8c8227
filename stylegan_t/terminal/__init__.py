"""The terminal's side of commands: progress, signals, hints, text that cannot act.

`console` runs a command to its exit code, `progress_line` counts, `visible` defuses texts.
"""
