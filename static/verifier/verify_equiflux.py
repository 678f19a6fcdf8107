"""Vérifie, sans réseau et sans rien installer, une preuve qu’Équiflux a écrite (Python 3.10 ou plus récent).

    python3 verify_equiflux.py FICHIER --key CLÉ [--witness CLÉ]... [--printed journal-345-0f3a...]

FICHIER : la preuve d’une ligne (.tlog-proof), de deux points de contrôle, ou du compte d’un réservataire (.json).
Codes de retour : 0 vérifié ; 1 faux ; 2 mauvais usage ; 3 cohérent, mais signé par une clé que vous n’avez pas donnée.
"""

import argparse
import json
import sys
from base64 import b64decode as decoded
from hashlib import sha256 as hashed
from hashlib import sha512

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
OWED = {"DUE": "dû", "CARRIED": "report rendu", "FORFEITED": "dû abandonné au bailleur", "TRANSFERRED": "dû transféré"}

def check(holds, sentence):
    if not holds:
        sys.exit(f"FAUX. {sentence}")  # code 1

def sha256(content):
    return hashed(content).digest()

def node(left, right):
    return sha256(b"\1" + left + right)

# Ed25519 (RFC 8032) : points (X, Y, Z, T) de la courbe -x² + y² = 1 + d·x²·y²
def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(k, p):
    found = (0, 1, 1, 0)
    while k:
        found, p, k = (add(found, p) if k & 1 else found), add(p, p), k >> 1
    return found

def point(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    check(y < P and x * x % P == square and (x or not sign), "Une clé ou une signature n’est pas de la courbe.")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P

BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))

def signs(public, message, signature):
    a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    p, q = times(s, BASE), add(r, times(k, a))
    return len(signature) == 64 and s < ORDER and all((p[at] * q[2] - q[at] * p[2]) % P == 0 for at in (0, 1))

def key_of(written):
    """(nom, identifiant, type, clé publique) d’une clé « nom+identifiant+base64 »."""
    name, result, content = written.strip().split("+", 2)
    held = decoded(content)
    check(sha256(name.encode() + b"\n" + held)[:4].hex() == result, f"La clé de {name} est mal recopiée.")
    return name, bytes.fromhex(result), held[0], held[1:]

def note_of(written, keys, witnesses):
    """(taille, racine, signé par une clé connue, noms des témoins) d’un point de contrôle."""
    text, _, lines = written.rpartition("\n\n")
    text, known, seen = text + "\n", False, set()
    for line in lines.splitlines():
        dash, name, content = line.split(" ")
        held = decoded(content)
        for key in (*keys, *witnesses):
            if dash == "\u2014" and (name, held[:4]) == key[:2] and key[2] in (1, 4):
                moment = f"cosignature/v1\ntime {int.from_bytes(held[4:12], 'big')}\n" if key[2] == 4 else ""
                true = signs(key[3], (moment + text).encode(), held[12 if key[2] == 4 else 4 :])
                check(true, f"La signature de {name} est fausse.")
                known, seen = known or key in keys, seen | ({name} if key in witnesses else set())
    origin, size, root = text.split("\n")[:3]
    return int(size), decoded(root), known, sorted(seen - {origin})

def split(size):
    """Combien de feuilles sont à gauche : la plus grande puissance de deux plus petite (RFC 6962, 2.1)."""
    return 1 << (size - 1).bit_length() - 1

def climb(index, size, leaf, path):
    """La racine que donne la preuve d’une feuille (2.1.1)."""
    if size == 1:
        check(index == 0 and not path, "La preuve de cette ligne n’a pas la longueur du journal.")
        return leaf
    *rest, other = path
    if index < split(size):
        return node(climb(index, split(size), leaf, rest), other)
    return node(other, climb(index - split(size), size - split(size), leaf, rest))

def grown(old, size, path, root):
    """(racine d’avant, racine d’après) que donne la preuve de deux points de contrôle (2.1.2)."""
    if old == size:
        check(len(path) == (root is None), "La preuve n’a pas la longueur du journal.")
        return tuple(path or [root]) * 2
    *rest, other = path
    if old <= split(size):
        before, after = grown(old, split(size), rest, root)
        return before, node(after, other)
    return tuple(node(other, each) for each in grown(old - split(size), size - split(size), rest, None))

def gathered(leaves, start, end, lacking):
    """La racine que donnent plusieurs feuilles ensemble, et les condensats qui leur manquent, de gauche à droite."""
    if not leaves:
        return lacking.pop(0)
    if end - start == 1:
        return leaves[start]
    middle = start + split(end - start)
    left = gathered({at: each for at, each in leaves.items() if at < middle}, start, middle, lacking)
    return node(left, gathered({at: each for at, each in leaves.items() if at >= middle}, middle, end, lacking))

def opened(entry, line):
    """Le contenu d’une ligne, si c’est bien celui que sa feuille engage."""
    engaged = sha256(bytes.fromhex(line["salt"]) + sha256(line["content"].encode())).hex()
    content = json.loads(line["content"])
    check(engaged == entry["commitment"], f"Le contenu de la ligne {entry['row']} n’est pas celui du journal.")
    check(content["id"] == entry["row"], "Le contenu est celui d’une autre ligne.")
    return content

def account(proof, size, root):
    """Le compte entier d’un réservataire : chaque rang du compte, et chaque ligne du réservataire, ouverte."""
    entries = [json.loads(each["entry"]) for each in proof["leaves"]]
    ranks = [entry["rank"] for entry in entries if entry["ledger"] == proof["ledger"]]
    check(ranks == list(range(1, len(entries) + 1)), "Il manque des faits au compte, ou ils ne sont pas dans l’ordre.")
    leaves = {each["index"]: sha256(b"\0" + each["entry"].encode()) for each in proof["leaves"]}
    lacking = [decoded(each) for each in proof["lacking"]]
    check(len(leaves) == len(entries) and min(leaves) >= 0 and max(leaves) < size, "Une feuille n’est pas du journal.")
    check(gathered(leaves, 0, size, lacking) == root and not lacking, "Le compte n’est pas celui du journal.")
    both = [each for each in zip(entries, proof["leaves"], strict=True) if each[0]["holder"] == proof["holder"]]
    lines = {each[0]["row"]: each for each in both if each[0]["table"] == "flux_flowentry"}  # leur dernière écriture
    sums = {}
    for entry, each in lines.values():
        check("salt" in each, f"La ligne {entry['row']} n’est pas ouverte : demandez-la.")
        content = opened(entry, each)
        sums[content["stage"]] = sums.get(content["stage"], 0) + content["quantity"]
    print(f"Compte {proof['ledger']} : {len(entries)} faits, {len(lines)} lignes du réservataire {proof['holder']}.")
    for stage, total in sorted(sums.items()):
        print(f"  {OWED.get(stage, stage)} : {total / 1e6 if stage in OWED else total:g}".replace(".", ","))

def read(written):
    """Ce que dit un fichier : du JSON, ou une preuve au format C2SP (tlog-proof)."""
    if written.startswith("{"):
        return json.loads(written)
    head, _, checkpoint = written.partition("\n\n")
    version, extra, index, *path = head.split("\n")
    check(version == "c2sp.org/tlog-proof@v1" and extra[:6] == "extra ", "Ce fichier n’est pas une preuve d’Équiflux.")
    proof = json.loads(decoded(extra[6:]))
    return proof | {"index": int(index[6:]), "path": path, "checkpoint": checkpoint}

def verify(proof, keys, witnesses, printed):
    known = keys or ([] if printed else [key_of(each) for each in proof["keys"]])
    size, root, signed, seen = note_of(proof["checkpoint"], known, witnesses)
    name = f"journal-{size}-{root.hex()[:32]}"
    check(printed.strip().lower() in ("", name), f"Ce qui est imprimé n’est pas {name}, qui est dans le fichier.")
    check(signed or printed, "Le point de contrôle n’est signé par aucune des clés données.")
    path = [decoded(each) for each in proof.get("path", [])]
    if "old" in proof:
        old, old_root, before, _ = note_of(proof["old"], known, witnesses)
        check(before or printed, "Le premier point de contrôle n’est signé par aucune des clés données.")
        check(0 < old <= size, "Le second point de contrôle est plus petit que le premier.")
        check(grown(old, size, path, old_root) == (old_root, root), "Le second journal ne contient pas le premier.")
        print(f"Le journal de {size} feuilles contient, dans le même ordre, celui de {old} feuilles.")
    elif "leaves" in proof:
        account(proof, size, root)
    else:
        entry, leaf = json.loads(proof["entry"]), sha256(b"\0" + proof["entry"].encode())
        check(climb(proof["index"], size, leaf, path) == root, "Cette ligne n’est pas dans le journal.")
        print(f"Ligne {entry['row']} de {entry['table']}, écrite le {entry['at']}, feuille {proof['index']}.")
        content = {field: json.dumps(value, ensure_ascii=False) for field, value in opened(entry, proof).items()}
        print("\n".join(f"  {field} : {value}" for field, value in content.items()))
    print(f"Témoigné par {', '.join(seen)}." if len(seen) > 1 else "Pas témoigné : il faut deux témoins différents.")
    print(f"Point de contrôle : {name}")
    mine = "COHÉRENT. La clé vient du fichier : donnez par --key celle que vous avez gardée, pour savoir qui a signé."
    print("VÉRIFIÉ." if keys or printed else mine)
    return 0 if keys or printed else 3

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", metavar="FICHIER")
    for name in ("--key", "--witness"):
        parser.add_argument(name, metavar="CLÉ", type=key_of, action="append", default=[])
    parser.add_argument("--printed", metavar="journal-…", default="")
    try:
        given = parser.parse_args()
        with open(given.file, encoding="utf-8") as file:
            return verify(read(file.read()), given.key, given.witness, given.printed)
    except OSError as fault:
        parser.error(f"ce fichier ne se lit pas : {fault}")
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        return "FAUX. Ce fichier n’est pas une preuve d’Équiflux, ou il est abîmé."

if __name__ == "__main__":
    sys.exit(main())
