"""From what a user hands over (files, folders, zip archives) to named bytes: safely, one at a time, all are said."""

from pipeline.intake.account import Account
from pipeline.intake.files import read_path, unpack_file
from pipeline.intake.folders import Named, named_in
from pipeline.intake.item import Item
from pipeline.intake.sorting import SUBFOLDERS
from pipeline.intake.zip_directory import is_zip

__all__ = ["SUBFOLDERS", "Account", "Item", "Named", "is_zip", "named_in", "read_path", "unpack_file"]
