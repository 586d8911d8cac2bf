"""Damaged and hostile raw files by the thousand: every corpus gives records, rejected rows or a named error."""
