"""The commands of `stylegan-t`, one module each, named as the command.

The window itself is in `visualizer.cli`; options that several share are in `visualizer.options`,
and what draws many recipes into one file in `batch`.
"""
