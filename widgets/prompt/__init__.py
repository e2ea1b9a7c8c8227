"""The prompt panel: rows, pad, directions, suggestions, history.

`panel` draws it with a `row` for each prompt; `token_meter` says what no longer fits.
"""
