"""The licences of the raw corpora, each once."""

from __future__ import annotations

from builders.corpus import Licence

APACHE_2 = Licence("Apache-2.0", "Apache License 2.0", "https://www.apache.org/licenses/LICENSE-2.0")
CC_BY_2_5 = Licence("CC-BY-2.5", "Creative Commons Attribution 2.5", "https://creativecommons.org/licenses/by/2.5/")
CC_BY_2_FR = Licence(
    "CC-BY-2.0-FR", "Creative Commons Attribution 2.0 France", "https://creativecommons.org/licenses/by/2.0/fr/"
)
CC_BY_4 = Licence("CC-BY-4.0", "Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/")
CC_BY_NC_4 = Licence(
    "CC-BY-NC-4.0",
    "Creative Commons Attribution-NonCommercial 4.0",
    "https://creativecommons.org/licenses/by-nc/4.0/",
)
CC_BY_SA_3 = Licence(
    "CC-BY-SA-3.0", "Creative Commons Attribution-ShareAlike 3.0", "https://creativecommons.org/licenses/by-sa/3.0/"
)
CC_BY_SA_4 = Licence(
    "CC-BY-SA-4.0", "Creative Commons Attribution-ShareAlike 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"
)
PUBLIC_DOMAIN = Licence(
    "public-domain", "Public domain", "https://creativecommons.org/publicdomain/mark/1.0/"
)
