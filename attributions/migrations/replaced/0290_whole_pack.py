from django.db import migrations, models


class Migration(migrations.Migration):
    """The whole pack of the conference is a form of reading of its own, in the journal of each landlord."""

    dependencies = [("attributions", "0271_names_found")]

    operations = [
        migrations.AlterField(
            model_name="balancedownload",
            name="form",
            field=models.CharField(
                choices=[
                    ("XLSX", "classeur XLSX"),
                    ("CSV", "tableau CSV"),
                    ("JSON", "données JSON"),
                    ("PDF", "document PDF"),
                    ("CIL", "dossier complet de la conférence (CIL)"),
                    ("PAGE", "lu à l’écran"),
                    ("KEPT", "tel quel, tenu ailleurs"),
                ],
                max_length=4,
                verbose_name="fichier",
            ),
        ),
    ]
