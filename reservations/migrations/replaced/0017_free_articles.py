from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0016_nicknamed_places"),
    ]

    operations = [
        migrations.AddField(
            model_name="convention",
            name="articles",
            field=models.TextField(
                blank=True,
                default="",
                help_text="ce que les parties écrivent d’elles-mêmes ; une ligne « Article : titre » commence chaque article",
                verbose_name="préambule et articles libres",
            ),
            preserve_default=False,
        ),
        *_sql.apply_files("reservations", {"0017_free_articles": "3ebfedc21927"}),
    ]
