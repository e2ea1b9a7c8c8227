"""The gallery: the capture folder in the window, read beside it, only as far as it is looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from renderer.files.image_folder import (
    Facts,
    ImageFile,
    Listing,
    changed_ns,
    facts,
    listed,
    small_picture,
)
from renderer.recipe.recipe import RecipeError
from visualizer.instruments import capture_files
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from widgets.context import Context
from widgets.tabs.gallery import (
    THUMB_PX,
    DeleteCapture,
    FilterGallery,
    GalleryView,
    RenameCapture,
    StarCapture,
    UndeleteCapture,
)
from widgets.tabs.gallery_trash import EmptyTrash, Trash

if TYPE_CHECKING:
    import numpy as np

AGAIN_S = 2.0
"""While it is looked at, the folder is asked this often whether it has changed."""
AT_ONCE = 3
"""Maximum number of small pictures requested ahead: what has scrolled away is not decoded."""
CHUNK_S = 0.15
"""Seconds that recipes are read before the results are shown and small pictures get their turn."""

_Found = tuple[Listing, frozenset[str], Trash]


class Gallery(Instrument):
    """Lists the capture folder, decodes what is seen, reads recipes when they are searched."""

    name: ClassVar[str] = ""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gallery")
        self._folder, self._listing = Path(), Listing()
        self._facts: dict[ImageFile, Facts] = {}
        self._filter, self._shown = "", Listing().files
        self._seen: tuple[ImageFile, ...] | None = None
        self._decoding: set[ImageFile] = set()
        self._reading = self._asking = False
        self._next = 0  # all recipes before this file were read
        self._asked_s = float("-inf")
        self._known = self._stars_only = False
        self._starred: frozenset[str] = frozenset()
        self._trash = Trash()
        self._deleted: tuple[Path, Path] | None = None  # where it was, where it is

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the Gallery tab asks for."""
        return (
            on(FilterGallery, self._set_filter),
            on(DeleteCapture, lambda action: self._delete(Path(action.path))),
            on(UndeleteCapture, lambda _: self._undelete()),
            on(EmptyTrash, lambda _: self._empty_trash()),
            on(RenameCapture, lambda action: self._rename(Path(action.path), action.name)),
            on(StarCapture, lambda action: self._star(Path(action.path), on=action.on)),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """Return what the tab shows; by `looked` the tab says what of it is on the screen."""
        return (
            GalleryView(
                folder=str(self.desk.session.capture_folder),
                files=self._shown,
                total=len(self._listing.files),
                facts=self._facts,
                words=self._filter,
                searching=bool(self._filter) and self._next < len(self._listing.files),
                problem=self._listing.problem,
                listed=self._known,
                starred=self._starred,
                stars_only=self._stars_only,
                deleted=self._deleted[0].name if self._deleted else "",
                trash=self._trash,
                looked=self._looked,
            ),
        )

    def drawn(self, context: Context, edited: bool) -> None:
        """Go on with what the tab needs, if it was drawn at all."""
        seen, self._seen = self._seen, None
        if seen is None:
            return
        self._follow_folder(context.now_s)
        for file in seen:
            if len(self._decoding) < AT_ONCE:
                self._decode(file)
        if self._filter and not self._reading:
            self._read_on()

    def close(self) -> None:
        """Abandon the work in progress."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _looked(self, files: tuple[ImageFile, ...]) -> None:
        self._seen = files

    # -- the folder --------------------------------------------------------------------------

    def _follow_folder(self, now_s: float) -> None:
        folder = self.desk.session.capture_folder
        if folder != self._folder:
            self._folder, self._listing, self._known = folder, Listing(), False
            self._facts.clear()
            self._starred, self._deleted, self._trash = frozenset(), None, Trash()
            self._choose()
            self._asked_s = float("-inf")
        if self._asking or now_s - self._asked_s < AGAIN_S:
            return
        self._asked_s, self._asking = now_s, True
        self.desk.wake_at(now_s + AGAIN_S)
        before = self._listing, self._starred, self._trash

        def work() -> _Found:
            trash, known = capture_files.trash(folder), before[0]
            if known.changed_ns and known.changed_ns == changed_ns(folder):
                return known, before[1], trash
            found, stars = listed(folder), capture_files.stars(folder)
            return (known if found == known else found), stars, trash

        def unchanged(found: _Found) -> bool:
            return found == before and self._known

        self._begin(work, lambda found: self._list(folder, *found), unchanged)

    def _list(self, folder: Path, listing: Listing, stars: frozenset[str], trash: Trash) -> None:
        self._asking = False
        if folder != self._folder:
            return
        self._known, self._trash = True, trash
        if stars != self._starred:
            self._starred = stars
            self._choose()
        if listing is not self._listing:
            self._listing, self._next = listing, 0
            self._facts = {file: self._facts[file] for file in listing.files if file in self._facts}
            self._choose()

    # -- small pictures ----------------------------------------------------------------------

    def _decode(self, file: ImageFile) -> None:
        known = self._facts.get(file)
        # Whose recipe is gone may still be a picture; whose pixels are gone is not tried again.
        if file in self._decoding or self.desk.previews.known(file) or (known and not known.shows):
            return
        self._decoding.add(file)

        def work() -> tuple[Facts, np.ndarray | None]:
            path = Path(file.path)
            if file.is_video:
                return facts(path), None
            try:
                pixels = small_picture(path, THUMB_PX)
            except RecipeError as error:
                return Facts(broken=str(error), shows=False), None
            return facts(path), pixels

        def done(found: tuple[Facts, np.ndarray | None]) -> None:
            self._decoding.discard(file)
            self._facts[file] = found[0]
            if found[1] is not None:
                self.desk.previews.put(file, found[1])

        self._begin(work, done)

    # -- the files themselves ----------------------------------------------------------------

    def _delete(self, path: Path) -> None:
        def done(kept: Path) -> None:
            self._deleted = (path, kept)
            self._look_again()
            self.desk.session.say(f"{path.name} is in the trash.")

        self._change(lambda: capture_files.delete(path), done)

    def _undelete(self) -> None:
        if self._deleted is None:
            return
        (path, kept), self._deleted = self._deleted, None

        def done(back: Path) -> None:
            self._look_again()
            self.desk.session.say(f"Restored {back.name}.", "good")

        self._change(lambda: capture_files.move(kept, path), done)

    def _empty_trash(self) -> None:
        folder, self._deleted = self._folder, None

        def done(count: int) -> None:
            self._look_again()
            what = "1 capture is" if count == 1 else f"{count:,} captures are"
            self.desk.session.say(f"The trash is empty: {what} deleted permanently.")

        self._change(lambda: capture_files.empty_trash(folder), done)

    def _rename(self, path: Path, name: str) -> None:
        self._change(lambda: capture_files.rename(path, name), lambda _: self._look_again())

    def _star(self, path: Path, *, on: bool) -> None:
        def done(starred: frozenset[str]) -> None:
            if path.parent == self._folder:
                self._starred = starred
                self._choose()

        self._change(lambda: capture_files.star(path, on=on), done)

    def _change(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Change files on the thread that saves them: one after the other."""
        self.desk.background.run(work, done, self.desk.session.say)

    def _look_again(self) -> None:
        self._asked_s = float("-inf")

    # -- searching ---------------------------------------------------------------------------

    def _set_filter(self, action: FilterGallery) -> None:
        self._filter, self._stars_only = action.words, action.stars_only
        self._choose()

    def _choose(self) -> None:
        """Choose the files that have all the words, in their names or in their prompts."""
        wanted = self._filter.lower().split()

        def matches(file: ImageFile) -> bool:
            if self._stars_only and file.name not in self._starred:
                return False
            known = self._facts.get(file)
            text = f"{file.name} {known.words if known else ''}".lower()
            return all(word in text for word in wanted)

        files = self._listing.files
        self._shown = tuple(filter(matches, files)) if wanted or self._stars_only else files

    def _read_on(self) -> None:
        """Read some more recipes, newest first."""
        files, known = self._listing.files, self._facts
        while self._next < len(files) and files[self._next] in known:
            self._next += 1
        todo = [file for file in files[self._next :] if file not in known]
        if not todo:
            return
        self._reading = True

        def done(found: dict[ImageFile, Facts]) -> None:
            self._reading = False
            self._facts.update(found)
            self._choose()

        self._begin(lambda: _read(todo), done)

    def _begin(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        quiet: Callable[[Any], bool] = lambda result: False,
    ) -> None:
        """Do `work` on the gallery's own thread."""
        future = self._thread.submit(work)
        self.desk.background.watch(future, done, self.desk.session.say, quiet)


def _read(files: list[ImageFile]) -> dict[ImageFile, Facts]:
    """Return what the first files say of their recipes: as many as there is time for."""
    found: dict[ImageFile, Facts] = {}
    end_s = time.monotonic() + CHUNK_S
    for file in files:
        found[file] = facts(Path(file.path))
        if time.monotonic() > end_s:
            break
    return found
