"""Capitals and seats that stand for a government: *Seoul* and *South Korea* are one actor."""

from __future__ import annotations

from functools import lru_cache

# Other names of a country or union, then the seats that speak for it. The seats of one branch among several that may differ
# (the White House, the Pentagon, Westminster) are actors of their own.
GOVERNMENTS = """
united states | us, usa, america, united states of america | washington
united kingdom | uk, britain, great britain | london, downing street
european union | eu | brussels
russia | russian federation | moscow, kremlin
china | prc | beijing
taiwan | | taipei
south korea | republic of korea | seoul
north korea | dprk | pyongyang
japan | | tokyo
india | | new delhi, delhi
pakistan | | islamabad
bangladesh | | dhaka
sri lanka | | colombo
nepal | | kathmandu
afghanistan | | kabul
iran | | tehran
iraq | | baghdad
israel | | jerusalem
syria | | damascus
lebanon | | beirut
jordan | | amman
saudi arabia | | riyadh
united arab emirates | uae, emirates | abu dhabi
qatar | | doha
yemen | | sanaa
turkey | türkiye, turkiye | ankara
egypt | | cairo
libya | | tripoli
tunisia | | tunis
algeria | | algiers
morocco | | rabat
sudan | | khartoum
south sudan | | juba
ethiopia | | addis ababa
eritrea | | asmara
somalia | | mogadishu
kenya | | nairobi
uganda | | kampala
rwanda | | kigali
burundi | | gitega
tanzania | | dodoma
nigeria | | abuja
ghana | | accra
senegal | | dakar
mali | | bamako
niger | | niamey
burkina faso | | ouagadougou
ivory coast | côte d'ivoire | yamoussoukro
togo | | lomé, lome
benin | | porto-novo
cameroon | | yaoundé, yaounde
chad | | n'djamena
democratic republic of congo | drc, dr congo, democratic republic of the congo | kinshasa
angola | | luanda
zambia | | lusaka
zimbabwe | | harare
mozambique | | maputo
south africa | | pretoria
france | | paris, élysée, elysee
germany | | berlin
italy | | rome
spain | | madrid
portugal | | lisbon
netherlands | | the hague, hague
belgium | |
ireland | | dublin
denmark | | copenhagen
sweden | | stockholm
norway | | oslo
finland | | helsinki
iceland | | reykjavik
estonia | | tallinn
latvia | | riga
lithuania | | vilnius
poland | | warsaw
czech republic | czechia | prague
slovakia | | bratislava
hungary | | budapest
austria | | vienna
switzerland | | bern
romania | | bucharest
bulgaria | | sofia
greece | | athens
serbia | | belgrade
kosovo | | pristina
bosnia | bosnia and herzegovina | sarajevo
croatia | | zagreb
slovenia | | ljubljana
albania | | tirana
north macedonia | | skopje
ukraine | | kyiv, kiev
belarus | | minsk
moldova | | chisinau
armenia | | yerevan
azerbaijan | | baku
kazakhstan | | astana
uzbekistan | | tashkent
thailand | | bangkok
vietnam | | hanoi
cambodia | | phnom penh
laos | | vientiane
myanmar | burma | naypyidaw
malaysia | | kuala lumpur, putrajaya
indonesia | | jakarta
philippines | | manila
australia | | canberra
new zealand | | wellington
fiji | | suva
canada | | ottawa
mexico | | mexico city
cuba | | havana
haiti | | port-au-prince
dominican republic | | santo domingo
honduras | | tegucigalpa
nicaragua | | managua
costa rica | | san josé
venezuela | | caracas
colombia | | bogotá, bogota
ecuador | | quito
peru | | lima
bolivia | | la paz
chile | | santiago
argentina | | buenos aires
uruguay | | montevideo
paraguay | | asunción, asuncion
brazil | | brasília, brasilia
vatican | holy see |
"""


def _read() -> tuple[dict[str, str], frozenset[str]]:
    government, seats = {}, set()
    for line in GOVERNMENTS.strip().splitlines():
        country, names, capitals = ([n.strip() for n in part.split(",") if n.strip()] for part in line.split("|"))
        for name in country + names + capitals:
            government[name] = country[0]
        seats |= set(capitals)
    return government, frozenset(seats)


GOVERNMENT_OF, SEATS = _read()


@lru_cache(maxsize=2**14)  # asked for every pair of names in a text
def government_of(words: tuple[str, ...]) -> str | None:
    """The country or union that a name (its words in lower case, without titles) means as an actor; None for other names."""
    return GOVERNMENT_OF.get(_without_article(words))


def is_seat(words: tuple[str, ...]) -> bool:
    """Whether such a name is the capital or the seat of a government, not the country's own."""
    return _without_article(words) in SEATS


def _without_article(words: tuple[str, ...]) -> str:
    return " ".join(w for w in words if w != "the")
