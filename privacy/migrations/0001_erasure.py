"""Proof of erasures, what is still to go, and legal holds."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('candidates', '0005_by_name'),
        ('interviews', '0014_rights'),
        ('vacancies', '0009_retention'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('extent', models.CharField(choices=[('person', 'The person'), ('interview', 'One interview'), ('recordings', 'Recordings of one interview')], max_length=10, verbose_name='what')),
                ('cause', models.CharField(choices=[('request', 'The candidate asked for it'), ('staff', 'The hiring team'), ('retention', 'The period was over')], max_length=10, verbose_name='why')),
                ('candidate_key', models.BigIntegerField(db_index=True, verbose_name='candidate no.')),
                ('address_hash', models.CharField(blank=True, db_index=True, max_length=64)),
                ('requested_at', models.DateTimeField(null=True, verbose_name='asked for')),
                ('counts', models.JSONField(default=dict, verbose_name='rows')),
                ('erased_at', models.DateTimeField(auto_now_add=True, verbose_name='erased')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='gone everywhere')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='erased by')),
            ],
            options={
                'verbose_name': 'erasure',
                'verbose_name_plural': 'erasures',
                'db_table': 'erasure',
                'ordering': ['-erased_at'],
            },
        ),
        migrations.CreateModel(
            name='ErasureStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(choices=[('recordings', 'Recordings'), ('exports', 'Exports'), ('vendor', 'ElevenLabs')], max_length=10, verbose_name='where')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('workspace', models.CharField(blank=True, max_length=30, verbose_name='workspace')),
                ('outcome', models.CharField(blank=True, choices=[('deleted', 'Deleted'), ('absent', 'Was not there')], max_length=10, verbose_name='outcome')),
                ('done_at', models.DateTimeField(null=True, verbose_name='done')),
                ('attempts', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('next_try_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='next attempt')),
                ('problem', models.CharField(blank=True, max_length=300, verbose_name='problem')),
                ('erasure', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='privacy.erasure')),
            ],
            options={
                'verbose_name': 'step of an erasure',
                'verbose_name_plural': 'steps of an erasure',
                'db_table': 'erasure_step',
                'ordering': ['place', 'name'],
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(help_text='Whoever is refused an erasure reads it.', max_length=2000, verbose_name='reason')),
                ('placed_at', models.DateTimeField(auto_now_add=True, verbose_name='since')),
                ('released_at', models.DateTimeField(editable=False, null=True, verbose_name='released')),
                ('candidate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='candidates.candidate', verbose_name='candidate')),
                ('placed_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='placed by')),
                ('released_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='released by')),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='interviews.interviewsession', verbose_name='interview')),
                ('vacancy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='vacancies.vacancy', verbose_name='vacancy')),
            ],
            options={
                'verbose_name': 'legal hold',
                'verbose_name_plural': 'legal holds',
                'db_table': 'legal_hold',
                'ordering': ['-placed_at'],
            },
        ),
        migrations.AddIndex(
            model_name='erasure',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['erased_at'], name='erasure_unfinished'),
        ),
        migrations.AddIndex(
            model_name='erasure',
            index=models.Index(fields=['-erased_at'], name='erasure_erased'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.CheckConstraint(condition=models.Q(('extent__in', ['person', 'interview', 'recordings'])), name='erasure_extent_known'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.CheckConstraint(condition=models.Q(('cause__in', ['request', 'staff', 'retention'])), name='erasure_cause_known'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.CheckConstraint(condition=models.Q(('extent', 'person'), ('address_hash', ''), _connector='XOR'), name='erasure_of_a_person_has_the_proof'),
        ),
        migrations.AddIndex(
            model_name='erasurestep',
            index=models.Index(condition=models.Q(('done_at', None)), fields=['next_try_at'], name='erasure_step_due'),
        ),
        migrations.AddConstraint(
            model_name='erasurestep',
            constraint=models.UniqueConstraint(fields=('erasure', 'place', 'name', 'workspace'), name='erasure_step_once'),
        ),
        migrations.AddConstraint(
            model_name='erasurestep',
            constraint=models.CheckConstraint(condition=models.Q(('place__in', ['recordings', 'exports', 'vendor'])), name='erasure_step_place_known'),
        ),
        migrations.AddConstraint(
            model_name='erasurestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('outcome', '')), models.Q(('done_at__isnull', False), ('outcome__in', ['deleted', 'absent'])), _connector='OR'), name='erasure_step_done_has_an_outcome'),
        ),
        migrations.AddConstraint(
            model_name='legalhold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('candidate__isnull', False), ('session', None), ('vacancy', None)), models.Q(('candidate', None), ('session__isnull', False), ('vacancy', None)), models.Q(('candidate', None), ('session', None), ('vacancy__isnull', False)), _connector='OR'), name='legal_hold_of_one_thing', violation_error_message='Choose one: a candidate, an interview or a vacancy.'),
        ),
        migrations.AddConstraint(
            model_name='legalhold',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='legal_hold_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='legalhold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('released_at', None), ('released_by', None)), models.Q(('released_at__isnull', False), ('released_by__isnull', False)), _connector='OR'), name='legal_hold_released_by_a_person'),
        ),
    ]
