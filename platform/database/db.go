package database

import "gorm.io/gorm"

// DB is an open database as facades and the composition root hand it on; only repositories look inside.
type DB = gorm.DB
