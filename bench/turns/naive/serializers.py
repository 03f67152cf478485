"""What goes in and out."""

from rest_framework import serializers

from bench.turns.naive.models import Answer, Question


class QuestionSerializer(serializers.ModelSerializer):
    """A question, as it is asked."""

    class Meta:
        model = Question
        fields = ["id", "text", "order"]


class AnswerSerializer(serializers.ModelSerializer):
    """An answer, as it is sent."""

    questionId = serializers.PrimaryKeyRelatedField(
        source="question", queryset=Question.objects.all()
    )
    answerText = serializers.CharField(
        source="answer_text", max_length=20_000, allow_blank=True
    )
    audioUrl = serializers.URLField(
        source="answer_audio_url", required=False, default="", max_length=2000
    )
    durationMs = serializers.IntegerField(
        source="duration_ms", required=False, allow_null=True, min_value=0
    )
    confidence = serializers.FloatField(
        required=False, allow_null=True, min_value=0, max_value=1
    )

    class Meta:
        model = Answer
        fields = ["questionId", "answerText", "audioUrl", "durationMs", "confidence"]
