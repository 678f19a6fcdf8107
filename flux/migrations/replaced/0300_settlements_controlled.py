from django.db import migrations, models


class Migration(migrations.Migration):
    """What precedes a signature is recounted by night beside what was settled."""

    dependencies = [("flux", "0262_convention_stock")]

    operations = [
        migrations.AlterField(
            model_name="auditalert",
            name="check_code",
            field=models.CharField(
                choices=[
                    ("LINE", "la ligne n’est pas la somme de ses mouvements"),
                    ("DUE", "le total dû n’est pas celui des logements entrés"),
                    ("RECEIVED", "le nombre de reçus n’est pas celui des logements attribués"),
                    ("DELAYS", "la somme des écarts n’est pas nulle"),
                    ("LACKS", "les manques d’un réservataire ne font pas son écart"),
                    ("SUMS", "ce que l’un a cédé n’est pas ce que l’autre a pris"),
                    ("SEQUENCE", "le rang du compte n’est pas celui de ses logements"),
                    ("OPENING", "ce qui est repris de l’ouverture n’est pas ce que le réservataire a accepté"),
                    ("RECORDED", "une orientation dite passée ne l’est pas, ou le contraire"),
                    ("ORDER", "un logement est passé avant un autre, enregistré plus tôt"),
                    ("REPLAY", "une recommandation recalculée diffère de celle qui est gardée"),
                    ("UNFOUND", "des mouvements ne répondent à aucun acte"),
                    ("ASKED", "des décisions demandées hors de leur tour, par habitude"),
                    ("ALTERED", "des lignes gardées ont été écrites hors de l’application"),
                    ("BROKEN", "la chaîne des faits est rompue"),
                    ("APART", "une tâche n’a pas pu traiter une ligne, et l’a mise de côté"),
                    ("COUNTS", "un cumul des comptes n’est pas ce qu’il additionne"),
                    ("LISTS", "un décompte des listes n’est pas ce que disent les demandes et les baux"),
                    ("STAGE", "l’étape d’un logement n’est pas celle de ses candidats"),
                    ("RECOUNT", "une case du bilan n’est pas celle des actes recomptés"),
                    ("LEASE", "un bail en vigueur n’est pas dans le compte"),
                    ("HOUSED", "un ménage a deux baux en vigueur"),
                    ("TWICE", "un ménage est deux fois candidat au même logement"),
                    ("GONE", "un logement sorti du parc est déclaré libéré"),
                    ("LOST", "ce qu’une année laisse dû n’est pas repris"),
                    ("CLOSED", "un logement est orienté vers une organisation fermée"),
                    ("SETTLED", "ce qui précède une signature n’est pas réglé comme la convention le dit"),
                ],
                max_length=8,
                verbose_name="contrôle",
            ),
        ),
    ]
