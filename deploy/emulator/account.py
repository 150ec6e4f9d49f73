"""Makes what Sluice finds in an AWS account; what is there already stays. The same things as deploy/sluice.yaml."""

import json
import os
from pathlib import Path

import botocore.session

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
REGION = os.environ["AWS_REGION"]
UPLOADS = os.environ["UPLOADS_BUCKET"]
MEDIA = os.environ["MEDIA_BUCKET"]

session = botocore.session.get_session()


def client(service):
    return session.create_client(service, region_name=REGION, endpoint_url=ENDPOINT)


def queue(sqs, name, attributes):
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return found["Attributes"]["QueueArn"]


def buckets_and_queues():
    sqs = client("sqs")
    dead = queue(sqs, "uploads-dead", {})
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 5})
    from_s3 = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "*",
    }
    uploads = queue(
        sqs,
        "uploads",
        {"RedrivePolicy": redrive, "VisibilityTimeout": "60", "Policy": policy(from_s3)},
    )

    s3 = client("s3")
    there = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    for name in {UPLOADS, MEDIA} - there:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    cors = json.loads(Path(__file__).with_name("uploads-cors.json").read_text())
    for rule in cors["CORSRules"]:
        rule["AllowedOrigins"] = [os.environ["PUBLIC_URL"]]
    s3.put_bucket_cors(Bucket=UPLOADS, CORSConfiguration=cors)
    s3.put_bucket_notification_configuration(
        Bucket=UPLOADS,
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": uploads, "Events": ["s3:ObjectCreated:*"]}]
        },
    )


def user_pool():
    cognito = client("cognito-idp")
    if cognito.list_user_pools(MaxResults=1)["UserPools"]:
        return
    pool = cognito.create_user_pool(
        PoolName="sluice",
        UsernameAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        AutoVerifiedAttributes=["email"],
        Policies={
            "PasswordPolicy": {
                "MinimumLength": 8,
                "RequireLowercase": False,
                "RequireUppercase": False,
                "RequireNumbers": False,
                "RequireSymbols": False,
            }
        },
        AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
    )["UserPool"]
    cognito.create_user_pool_client(
        UserPoolId=pool["Id"],
        ClientName="sluice",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
        EnableTokenRevocation=True,
    )


def role_of_jobs():
    iam = client("iam")
    name = "sluice-job"
    if name in {role["RoleName"] for role in iam.list_roles()["Roles"]}:
        return
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    objects = [f"arn:aws:s3:::{bucket}/*" for bucket in (UPLOADS, MEDIA)]
    buckets = [f"arn:aws:s3:::{bucket}" for bucket in (UPLOADS, MEDIA)]
    allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": objects + buckets}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
    iam.put_role_policy(RoleName=name, PolicyName="job", PolicyDocument=policy(allowed))


def policy(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


buckets_and_queues()
role_of_jobs()
user_pool()
print(f"{UPLOADS}, {MEDIA}, the queue uploads, the role and the user pool are there.")
