"""The database that holds the jobs: the app's own, which ``ecgcore.storage`` opens and tends."""

from ecgcore.storage.engine import AppDatabase, app_database

JobDatabase = AppDatabase
jobs_database = app_database
