"""Static files: hashed names, compressed, also for what JavaScript modules import."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's, with imports inside ES modules rewritten to hashed names.

    Every page asks for a file by its hashed name, under which a browser keeps it for good;
    the copies without one are left out, and not compressed either.
    """

    support_js_module_import_aggregation = True
    keep_only_hashed_files = True
