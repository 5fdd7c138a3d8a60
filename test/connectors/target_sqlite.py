"""The target of Meltano's SDK as it is, over SQLite, which takes objects and lists as text and decimals as floats."""

import json
from decimal import Decimal

from singer_sdk import typing
from singer_sdk.sql import SQLConnector, SQLSink, SQLTarget


def adapt(value):
    if isinstance(value, Decimal):
        return float(value)
    return json.dumps(value, default=float) if isinstance(value, (dict, list)) else value


class Connector(SQLConnector):
    def get_sqlalchemy_url(self, config):
        return f"sqlite:///{config['path']}"


class Sink(SQLSink):
    connector_class = Connector

    def preprocess_record(self, record, context):
        return {name: adapt(value) for name, value in record.items()}

    def generate_insert_statement(self, full_table_name, schema):
        statement = super().generate_insert_statement(full_table_name, schema)
        return str(statement).replace("INSERT INTO", "INSERT OR REPLACE INTO")


class Target(SQLTarget):
    name = "target-sqlite"
    config_jsonschema = typing.PropertiesList(typing.Property("path", typing.StringType)).to_dict()
    default_sink_class = Sink


Target.cli()
