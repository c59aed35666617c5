create extension ltree schema extensions;

comment on extension ltree is 'data type for hierarchical tree-like structures';
