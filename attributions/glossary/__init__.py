"""The words of the field, explained on a page."""
