variable "stage" {
  default = "test"
}

locals {
  hash = "session_id" # the key
}

/* Sessions end by their time to live. */
resource "aws_dynamodb_table" "sessions" {
  name         = "${var.stage}-sessions"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = local.hash

  attribute {
    name = local.hash
    type = "S"
  }

  attribute {
    name = "user_id"
    type = "S"
  }

  attribute {
    name = "started"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  global_secondary_index {
    name               = "by-user"
    hash_key           = "user_id"
    range_key          = "started"
    projection_type    = "INCLUDE"
    non_key_attributes = ["device", "ip"]
  }

  tags = merge(var.tags, { Name = "sessions" })
}

resource "aws_iam_role" "reader" {
  assume_role_policy = <<-EOT
    { "Version": "2012-10-17" }
  EOT
}
