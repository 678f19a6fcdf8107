from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attributions", "0016_offer_without_effect")]

    operations = [
        migrations.AlterField(
            model_name="balanceremark",
            name="measure",
            field=models.CharField(
                choices=[
                    ("due", "dû"),
                    ("received", "reçus"),
                    ("offered", "proposés"),
                    ("designated", "candidats désignés"),
                    ("returned", "rendus"),
                    ("lapsed", "délais écoulés sans candidat"),
                    ("refused", "candidatures non abouties"),
                    ("allocated", "attribués"),
                    ("leased", "loués"),
                    ("first_lettings", "premières mises en location"),
                    ("first_allocated", "premières mises en location attribuées"),
                    ("first_leased", "premières mises en location louées"),
                    ("units", "logements"),
                ],
                max_length=15,
                verbose_name="colonne",
            ),
        ),
    ]
