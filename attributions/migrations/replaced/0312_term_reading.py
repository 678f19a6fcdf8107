from django.db import migrations, models


class Migration(migrations.Migration):
    """What is left of households past their term is counted at night, for the register of processing."""

    dependencies = [("attributions", "0311_words_of_a_candidacy")]

    operations = [
        migrations.CreateModel(
            name="TermReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("own", models.PositiveIntegerField(verbose_name="baux dont les faits sont ceux de leur ménage")),
                ("dealt", models.PositiveIntegerField(verbose_name="baux au terme, aux faits mêlés")),
                (
                    "among",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="vide : aucun", null=True, verbose_name="mêlés entre, au moins"
                    ),
                ),
                ("erased", models.PositiveIntegerField(verbose_name="baux au terme, aux faits effacés")),
                ("requests", models.PositiveIntegerField(verbose_name="demandes sans identité")),
                (
                    "with_a_fact",
                    models.PositiveIntegerField(verbose_name="demandes sans identité qui gardent un fait"),
                ),
                ("read_at", models.DateTimeField(verbose_name="relevé le")),
            ],
            options={
                "verbose_name": "relevé au terme",
                "verbose_name_plural": "relevés au terme",
                "ordering": ["pk"],
            },
        ),
    ]
