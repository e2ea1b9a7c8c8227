"""The demo world: captioned little landscapes, and the model that was trained on them.

`world` and `scenes` say what there is, `landscape`, `objects` and `styles` draw it, `captions` puts
it into words.  `built_in` is the table of the models that ship; `things` is the second world.
"""
