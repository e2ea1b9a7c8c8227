"""The commands of `stylegan-t`, one module each, named as the command.

The window itself is in `visualizer.cli`; options that several share are in `visualizer.options`.
"""
