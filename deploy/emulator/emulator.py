"""ministack, whose user pool and client have the names that compose.yaml gives to the api."""

import os
from configparser import ConfigParser

credentials = ConfigParser()
credentials.read(os.environ["AWS_SHARED_CREDENTIALS_FILE"])
# Signatures are checked with them.
os.environ["AWS_ACCESS_KEY_ID"] = credentials["default"]["aws_access_key_id"]
os.environ["AWS_SECRET_ACCESS_KEY"] = credentials["default"]["aws_secret_access_key"]

from ministack.app import main  # noqa: E402 (it reads the environment when it is imported)
from ministack.services import cognito  # noqa: E402

# Cognito invents these names, and the emulator knows no way to ask for them; this account has one of each.
cognito._pool_id = lambda: os.environ["COGNITO_USER_POOL_ID"]
cognito._client_id = lambda: os.environ["COGNITO_CLIENT_ID"]

main()
