"""Static files: hashed names, compressed, also for what JavaScript modules import."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's, with imports inside ES modules rewritten to hashed names."""

    support_js_module_import_aggregation = True
