package infra

import (
	"slices"
	"strings"
)

// dataActions are those that only read, and read what is kept: secrets, keys,
// objects, messages.
var dataActions = []string{
	"s3:getobject", "s3:getobjectversion", "secretsmanager:getsecretvalue", "secretsmanager:batchgetsecretvalue", "ssm:getparameter", "ssm:getparameters",
	"ssm:getparametersbypath", "ssm:getparameterhistory", "kms:decrypt", "dynamodb:getitem", "dynamodb:batchgetitem", "dynamodb:query", "dynamodb:scan",
	"sqs:receivemessage", "kinesis:getrecords", "lambda:getfunction", "codecommit:gitpull", "rds-db:connect", "rds-data:executestatement",
	"athena:getqueryresults", "redshift:getclustercredentials", "ec2:getpassworddata", "cognito-idp:adminlistgroupsforuser",
}

// readsOnly are how actions begin that change nothing.
var readsOnly = []string{
	"batchcheck", "batchdescribe", "batchget", "check", "count", "decode", "describe", "detect", "discover", "estimate", "filter", "get", "head", "is", "list", "lookup",
	"poll", "preview", "query", "read", "scan", "search", "select", "simulate", "test", "validate", "verify", "view",
}

// wholeServices are those whose actions, or nearly all, are about the account:
// no resource can be named.
var wholeServices = []string{
	"account", "aws-portal", "billing", "budgets", "ce", "consolidatedbilling", "cur", "ec2messages", "ecr-public", "freetier", "health", "invoicing", "mobileanalytics",
	"organizations", "payments", "pricing", "purchase-orders", "servicequotas", "shield", "ssmmessages", "support", "tag", "tax", "trustedadvisor", "xray",
}

// wholeActions are single actions that name no resource, or one that there is not
// yet.
var wholeActions = []string{
	"acm:requestcertificate", "autoscaling:setinstanceprotection", "cloudwatch:putmetricdata", "cloudfront:createinvalidation", "cognito-identity:createidentitypool",
	"ec2:createvpc", "ec2:allocateaddress", "ec2:createkeypair", "ec2:modifyavailabilityzonegroup", "ecr:createrepository", "ecs:createcluster", "ecs:registertaskdefinition", "ecs:deregistertaskdefinition",
	"ecs:createtaskset", "ecs:discoverpollendpoint", "eks-auth:assumeroleforpodidentity", "eks:createcluster", "eks:registercluster", "elasticloadbalancing:setwebacl", "iam:createaccountalias", "iam:deleteaccountalias",
	"iam:createservicelinkedrole", "kms:createkey", "kms:generaterandom", "kms:createcustomkeystore", "lambda:createeventsourcemapping", "logs:createloggroup", "logs:createlogdelivery", "logs:deletelogdelivery", "logs:updatelogdelivery",
	"logs:putresourcepolicy", "logs:deleteresourcepolicy", "route53:createhostedzone", "route53domains:registerdomain", "s3:createjob", "s3:putaccountpublicaccessblock",
	"servicediscovery:createhttpnamespace", "servicediscovery:createprivatednsnamespace", "servicediscovery:createpublicdnsnamespace", "ssm:putinventory",
	"ssm:putcompliancesummary", "ssm:updateinstanceinformation", "ssm:putconfigurepackageresult", "sts:getcalleridentity", "sts:getservicebearertoken", "sts:decodeauthorizationmessage", "sts:getsessiontoken", "waf-regional:associatewebacl",
}

// Restrictable says that an action, or one of those that a pattern stands for,
// writes, or reads what is kept, and could be allowed on single resources only.
func Restrictable(action string) bool {
	action = strings.ToLower(action)
	service, name, found := strings.Cut(action, ":")
	if !found || slices.Contains(wholeServices, service) || slices.Contains(wholeActions, action) {
		return false
	}
	if slices.ContainsFunc(dataActions, func(data string) bool { return glob(action, data) }) {
		return true
	}
	return !slices.ContainsFunc(readsOnly, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}
