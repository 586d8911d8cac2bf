"""The licenses of the raw corpora, each once."""

from __future__ import annotations

from builders.corpus import License

APACHE_2 = License("Apache-2.0", "Apache License 2.0", "https://www.apache.org/licenses/LICENSE-2.0")
CC_BY_2_5 = License("CC-BY-2.5", "Creative Commons Attribution 2.5", "https://creativecommons.org/licenses/by/2.5/")
CC_BY_2_FR = License(
    "CC-BY-2.0-FR", "Creative Commons Attribution 2.0 France", "https://creativecommons.org/licenses/by/2.0/fr/"
)
CC_BY_4 = License("CC-BY-4.0", "Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/")
CC_BY_NC_4 = License(
    "CC-BY-NC-4.0",
    "Creative Commons Attribution-NonCommercial 4.0",
    "https://creativecommons.org/licenses/by-nc/4.0/",
    commercial=False,
)
CC_BY_SA_3 = License(
    "CC-BY-SA-3.0",
    "Creative Commons Attribution-ShareAlike 3.0",
    "https://creativecommons.org/licenses/by-sa/3.0/",
    share_alike=True,
)
CC_BY_SA_4 = License(
    "CC-BY-SA-4.0",
    "Creative Commons Attribution-ShareAlike 4.0",
    "https://creativecommons.org/licenses/by-sa/4.0/",
    share_alike=True,
)
PUBLIC_DOMAIN = License("public-domain", "Public domain", "https://creativecommons.org/publicdomain/mark/1.0/")
WORDNET_JA = License(
    "wordnet-ja",
    "Japanese WordNet license",
    "https://bond-lab.github.io/wnja/license.txt",
    # It asks to appear on all copies: here as it is printed, but for white space at the ends of lines.
    text="""\
Copyright: 2021-2024 Francis Bond, Takayuki Kuribayashi
Copyright: 2018-2020 Francis Bond
Copyright: 2016-2017 Francis Bond, Takayuki Kuribayashi
Copyright: 2012-2015 Francis Bond
Copyright: 2009-2011 NICT



Japanese WordNet

This software and database is being provided to you, the LICENSEE, by
the National Institute of Information and Communications Technology
under the following license.  By obtaining, using and/or copying this
software and database, you agree that you have read, understood, and
will comply with these terms and conditions:

  Permission to use, copy, modify and distribute this software and
  database and its documentation for any purpose and without fee or
  royalty is hereby granted, provided that you agree to comply with
  the following copyright notice and statements, including the
  disclaimer, and that the same appear on ALL copies of the software,
  database and documentation, including modifications that you make
  for internal use or for distribution.


THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS" AND NICT MAKES NO
REPRESENTATIONS OR WARRANTIES, EXPRESS OR IMPLIED.  BY WAY OF EXAMPLE,
BUT NOT LIMITATION, NICT MAKES NO REPRESENTATIONS OR WARRANTIES OF
MERCHANTABILITY OR FITNESS FOR ANY PARTICULAR PURPOSE OR THAT THE USE
OF THE LICENSED SOFTWARE, DATABASE OR DOCUMENTATION WILL NOT INFRINGE
ANY THIRD PARTY PATENTS, COPYRIGHTS, TRADEMARKS OR OTHER RIGHTS.

The name of the National Institute of Information and Communications
Technology may not be used in advertising or publicity pertaining to
distribution of the software and/or database.  Title to copyright in
this software, database and any associated documentation shall at all
times remain with National Institute of Information and Communications
Technology and LICENSEE agrees to preserve same.
""",
)

LICENSES: dict[str, License] = {value.id: value for value in list(vars().values()) if isinstance(value, License)}
"""License by its identifier."""
