create extension btree_gin schema extensions;

comment on extension btree_gin is 'support for indexing common datatypes in GIN';
