create view public.template_statistics with (security_invoker=true) AS  SELECT template.organization_id,
    template.id AS template_id,
    template.name,
    template.template_type,
    count(used.id) AS uses,
    count(used.quoted_at) AS quotes,
    count(used.ordered_at) AS orders,
    round(((100.0 * (count(used.ordered_at))::numeric) / (NULLIF(count(used.id), 0))::numeric), 2) AS success_rate
   FROM (public.configuration_templates template
     LEFT JOIN public.template_usage used ON (((used.organization_id = template.organization_id) AND (used.template_id = template.id))))
  GROUP BY template.organization_id, template.id;

comment on view public.template_statistics is 'How well each template does.';

grant select on table public.template_statistics to authenticated, service_role;
