"""Greek names as registrars write them, each with its Latin form: a table, since passports do not follow a rule."""

from typing import NamedTuple

from registry.demo.numbers import Chance
from registry.models import Gender


class Name(NamedTuple):
    el: str
    en: str


class Surname(NamedTuple):
    """One family: its men and its women bear different forms."""

    man: Name
    woman: Name

    def of(self, gender: Gender) -> Name:
        return self.man if gender == Gender.MALE else self.woman


def _names(table: str) -> tuple[Name, ...]:
    words = table.split()
    return tuple(Name(el, en) for el, en in zip(words[::2], words[1::2], strict=True))


def _surnames(table: str) -> tuple[Surname, ...]:
    names = _names(table)
    return tuple(Surname(man, woman) for man, woman in zip(names[::2], names[1::2], strict=True))


MEN = _names("""
    Αθανάσιος Athanasios  Αλέξανδρος Alexandros  Ανδρέας Andreas  Αντώνιος Antonios  Απόστολος Apostolos
    Αριστείδης Aristeidis  Βασίλειος Vasileios  Γεώργιος Georgios  Γρηγόριος Grigorios  Δημήτριος Dimitrios
    Διονύσιος Dionysios  Ελευθέριος Eleftherios  Ευάγγελος Evangelos  Ευστάθιος Efstathios  Ηλίας Ilias
    Θεόδωρος Theodoros  Θωμάς Thomas  Ιάσονας Iasonas  Ιωάννης Ioannis  Κυριάκος Kyriakos
    Κωνσταντίνος Konstantinos  Λάμπρος Lampros  Λεωνίδας Leonidas  Μάριος Marios  Μιχαήλ Michail
    Νικόλαος Nikolaos  Ορέστης Orestis  Παναγιώτης Panagiotis  Παρασκευάς Paraskevas  Παύλος Pavlos
    Πέτρος Petros  Ραφαήλ Rafail  Σπυρίδων Spyridon  Στέφανος Stefanos  Στυλιανός Stylianos
    Σωτήριος Sotirios  Φίλιππος Filippos  Φώτιος Fotios  Χαράλαμπος Charalampos  Χρήστος Christos
""")

WOMEN = _names("""
    Αγγελική Angeliki  Αικατερίνη Aikaterini  Αλεξάνδρα Alexandra  Αναστασία Anastasia  Άννα Anna
    Αντωνία Antonia  Αριάδνη Ariadni  Βασιλική Vasiliki  Γεωργία Georgia  Δέσποινα Despoina
    Δήμητρα Dimitra  Ειρήνη Eirini  Ελένη Eleni  Ελευθερία Eleftheria  Ευαγγελία Evangelia
    Ευγενία Evgenia  Ευθυμία Efthymia  Ζωή Zoi  Θεοδώρα Theodora  Ιουλία Ioulia
    Ιωάννα Ioanna  Καλλιόπη Kalliopi  Κυριακή Kyriaki  Κωνσταντίνα Konstantina  Λυδία Lydia
    Μαγδαληνή Magdalini  Μαρία Maria  Μαρίνα Marina  Μυρτώ Myrto  Νεφέλη Nefeli
    Νικολέτα Nikoleta  Ξανθή Xanthi  Ουρανία Ourania  Παναγιώτα Panagiota  Παρασκευή Paraskevi
    Σοφία Sofia  Σταυρούλα Stavroula  Στυλιανή Styliani  Φωτεινή Foteini  Χριστίνα Christina
""")

SURNAMES = _surnames("""
    Αγγελόπουλος Angelopoulos Αγγελοπούλου Angelopoulou  Αλεξίου Alexiou Αλεξίου Alexiou
    Αναγνωστόπουλος Anagnostopoulos Αναγνωστοπούλου Anagnostopoulou  Ανδρεάδης Andreadis Ανδρεάδου Andreadou
    Αντωνίου Antoniou Αντωνίου Antoniou  Αποστολίδης Apostolidis Αποστολίδου Apostolidou
    Βασιλείου Vasileiou Βασιλείου Vasileiou  Βλάχος Vlachos Βλάχου Vlachou
    Γαλανός Galanos Γαλανού Galanou  Γεωργιάδης Georgiadis Γεωργιάδου Georgiadou
    Γιαννόπουλος Giannopoulos Γιαννοπούλου Giannopoulou  Γκίκας Gkikas Γκίκα Gkika
    Δαμιανίδης Damianidis Δαμιανίδου Damianidou  Δημητρίου Dimitriou Δημητρίου Dimitriou
    Δούκας Doukas Δούκα Douka  Ευθυμίου Efthymiou Ευθυμίου Efthymiou
    Ζαχαρίου Zachariou Ζαχαρίου Zachariou  Ζερβός Zervos Ζερβού Zervou
    Ηλιόπουλος Iliopoulos Ηλιοπούλου Iliopoulou  Θεοδωρίδης Theodoridis Θεοδωρίδου Theodoridou
    Ιωαννίδης Ioannidis Ιωαννίδου Ioannidou  Καλογερόπουλος Kalogeropoulos Καλογεροπούλου Kalogeropoulou
    Καραγιάννης Karagiannis Καραγιάννη Karagianni  Καραμανλής Karamanlis Καραμανλή Karamanli
    Κατσαρός Katsaros Κατσαρού Katsarou  Κοντογιάννης Kontogiannis Κοντογιάννη Kontogianni
    Κουτσούκης Koutsoukis Κουτσούκη Koutsouki  Κυριακίδης Kyriakidis Κυριακίδου Kyriakidou
    Κωνσταντινίδης Konstantinidis Κωνσταντινίδου Konstantinidou  Λαζαρίδης Lazaridis Λαζαρίδου Lazaridou
    Λάμπρου Lamprou Λάμπρου Lamprou  Μακρής Makris Μακρή Makri
    Μανωλάκης Manolakis Μανωλάκη Manolaki  Μαρκόπουλος Markopoulos Μαρκοπούλου Markopoulou
    Μαυρίδης Mavridis Μαυρίδου Mavridou  Μητρόπουλος Mitropoulos Μητροπούλου Mitropoulou
    Μιχαηλίδης Michailidis Μιχαηλίδου Michailidou  Μπακάλης Bakalis Μπακάλη Bakali
    Μπουκουβάλας Boukouvalas Μπουκουβάλα Boukouvala  Νικολαΐδης Nikolaidis Νικολαΐδου Nikolaidou
    Ντίνος Ntinos Ντίνου Ntinou  Ξενάκης Xenakis Ξενάκη Xenaki
    Οικονόμου Oikonomou Οικονόμου Oikonomou  Παναγιωτόπουλος Panagiotopoulos Παναγιωτοπούλου Panagiotopoulou
    Παπαγεωργίου Papageorgiou Παπαγεωργίου Papageorgiou  Παπαδάκης Papadakis Παπαδάκη Papadaki
    Παπαδημητρίου Papadimitriou Παπαδημητρίου Papadimitriou  Παπαδόπουλος Papadopoulos Παπαδοπούλου Papadopoulou
    Παπαϊωάννου Papaioannou Παπαϊωάννου Papaioannou  Παυλίδης Pavlidis Παυλίδου Pavlidou
    Πετρίδης Petridis Πετρίδου Petridou  Ράπτης Raptis Ράπτη Rapti
    Σαββίδης Savvidis Σαββίδου Savvidou  Σιδηρόπουλος Sidiropoulos Σιδηροπούλου Sidiropoulou
    Σταματίου Stamatiou Σταματίου Stamatiou  Σταυρόπουλος Stavropoulos Σταυροπούλου Stavropoulou
    Τζιώτης Tziotis Τζιώτη Tzioti  Τριανταφύλλου Triantafyllou Τριανταφύλλου Triantafyllou
    Τσαγκάρης Tsagkaris Τσαγκάρη Tsagkari  Τσιτσάνης Tsitsanis Τσιτσάνη Tsitsani
    Φιλιππίδης Filippidis Φιλιππίδου Filippidou  Φωτόπουλος Fotopoulos Φωτοπούλου Fotopoulou
    Χατζηγεωργίου Chatzigeorgiou Χατζηγεωργίου Chatzigeorgiou  Χατζόπουλος Chatzopoulos Χατζοπούλου Chatzopoulou
    Χριστοδούλου Christodoulou Χριστοδούλου Christodoulou  Ψαρράς Psarras Ψαρρά Psarra
""")

# Capitals as a registrar's keyboard may leave them in the wrong alphabet: nobody sees the difference.
LOOK_ALIKES = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")


def first_name(chance: Chance, gender: Gender) -> Name:
    return chance.of(MEN if gender == Gender.MALE else WOMEN)


def with_look_alike(surname: str) -> str:
    """The surname with its capital in Latin letters, where there is one that looks the same."""
    return surname[0].translate(LOOK_ALIKES) + surname[1:]
