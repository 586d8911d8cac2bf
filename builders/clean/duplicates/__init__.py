"""Duplicates: which records repeat another one."""
