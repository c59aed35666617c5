create or replace function public.create_template (
  configuration_id uuid,
  name text,
  template_type text default 'standard'::text,
  is_public boolean default false
)
  returns public.configuration_templates
  language sql
  set search_path to ''
  AS $function$
  select private.create_template(configuration_id, name, template_type, is_public);
$function$;

comment on function public.create_template(uuid, text, text, boolean) is 'Makes a template of the values of a configuration that the caller may read (sales.catalog). Takes the configuration; a name; standard, premium, economy or custom; and whether customers see it. Returns the template. Raises PT400 name_invalid, template_type_invalid; PT401 not_authenticated; PT403 organization_required, permission_required; PT404 configuration_not_found; PT409 template_exists.';

revoke all on function public.create_template(uuid, text, text, boolean) from public;

grant execute
  on function public.create_template(uuid, text, text, boolean)
  to authenticated, service_role;
