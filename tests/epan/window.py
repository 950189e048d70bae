# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark with a capture in it, on a screen: what a person does with the filter, the packet list and the tree."""

import screen

PROTOCOL = "Simple Mail Transfer Protocol (smtpx)"


def geometry(size):
    """A window that fills the screen."""
    return ["gui.geometry_main_x: 0", "gui.geometry_main_y: 0",
            f"gui.geometry_main_width: {size[0]}", f"gui.geometry_main_height: {size[1]}"]


class Window:
    """A capture open in Wireshark, what is inside TLS as well; so many packets are shown.

    files: lines of the files of the profile that it runs with
    common: of what Wireshark remembers from one run to the next
    """

    def __init__(self, home, path, options, count, expression=None, size=screen.SIZE, files=None, common=()):
        self.home, self.path, self.options, self.applied = home, path, options, expression
        files = {**(files or {})}
        files["preferences"] = [*files.get("preferences", ()), "gui.update.enabled: FALSE"]
        home.profile("gui", **files)
        home.own(home.path / ".config/wireshark")
        remembered = home.path / ".config/wireshark/recent_common"
        remembered.write_text("".join(f"{line}\n" for line in [*geometry(size), *common]))
        home.own(remembered)
        self.screen = screen.Screen(home, "-C", "gui", "-r", path, *options, *(["-Y", expression] if expression else []), size=size)
        self.shows(expression, count)

    def shows(self, expression, count):
        """The status bar says how many packets the filter leaves; without one 4.0 says so, later versions need not."""
        wanted, all_of_them = f"Displayed: {count} (", f"Packets: {count}"
        self.screen.until(f"{expression}: {wanted}", "names", "status bar", "", says=lambda names: names and any(
            wanted in name or (not expression and name.rstrip() == all_of_them) for name in names))

    def filter(self, expression, count):
        if expression == self.applied:
            return
        self.applied = expression
        self.screen.keys("ctrl+slash")
        self.screen.keys("ctrl+a", "BackSpace")
        self.screen.type(expression)
        self.screen.keys("Escape", "Return")  # the first closes the list of fields to choose from
        self.shows(expression, count)

    def titles(self):
        return self.screen.ask("names", "tree", "Packet list", "table column header")

    def cells(self):
        """The packets that are listed: texts by the columns' titles."""
        titles = self.titles()
        cells = self.screen.ask("names", "tree", "Packet list", "table cell")
        return [dict(zip(titles, cells[at:at + len(titles)])) for at in range(0, len(cells), len(titles))]

    def rows(self):
        """Protocol and Info by number, as the packet list has them."""
        return {int(row["No."]): (row["Protocol"], row["Info"]) for row in self.cells()}

    def details(self, what, says):
        return self.screen.until(what, "names", "tree", "Packet details", "table cell", says=says)

    def protocol(self):
        """smtpx's row in the tree of the packet: the tree is not told of all at once."""
        cells = self.details("smtpx", lambda cells: any(cell.startswith(PROTOCOL) for cell in cells))
        return next(cell for cell in cells if cell.startswith(PROTOCOL))

    def choose(self, number):
        self.screen.click("tree", "Packet list", str(number))
        self.details(f"frame {number}", lambda cells: cells and cells[0].startswith(f"Frame {number}:"))

    def open(self, row, says):
        """Expands a row of the tree with all below it, until there is one that begins as wanted."""
        self.screen.click("tree", "Packet details", row)
        self.screen.keys("shift+Right")
        return self.details(says, lambda cells: any(cell.startswith(says) for cell in cells))

    def do(self, *menus):
        """Chooses something of the menus."""
        assert self.screen.ask("choose", *menus), f"no {menus}: {self.screen.ask('menu', *menus[:-1])}"

    def apply_as_column(self):
        """What is selected in the tree; gives the title of the column."""
        before = self.titles()
        self.do("Analyze", "Apply as Column")
        now = self.screen.until("a column", "names", "tree", "Packet list", "table column header",
                                says=lambda titles: titles and len(titles) > len(before))
        new, = [title for title in now if title not in before]
        return new

    def apply_as_filter(self):
        """What is selected in the tree; gives the filter."""
        self.screen.open_menus("Analyze", "Apply as Filter", "Selected")
        self.applied = self.screen.until("the filter", "text", "text", "Display filter entry", says=bool)
        return self.applied
