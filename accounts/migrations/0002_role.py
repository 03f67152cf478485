from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='role',
            field=models.CharField(choices=[('administrator', 'Administrator'), ('recruiter', 'Recruiter'), ('reviewer', 'Reviewer'), ('auditor', 'Auditor')], default='reviewer', max_length=20, verbose_name='role'),
        ),
    ]
