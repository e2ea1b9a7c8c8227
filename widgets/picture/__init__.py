"""The picture: its viewport, tools, handles, comparison, and the cards that lie on it.

`area` puts all together; `viewport` is pan and zoom, `compare` the wipe, `error_card` what went
wrong.
"""
