"""The whole product under the load of an enrolment day, over HTTP as people's browsers speak to it.

house.py    every process of an installation, private and on free ports
browser.py  a browser of small cost, many of them in one process
gateway.py  the SMS gateway at which people read their PINs
person.py   somebody who activates their account, and comes back when told to
crowd.py    how they arrive, and what they met
soak.py     the same while servers stop and processes are killed: `make soak`
"""
