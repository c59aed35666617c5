-- Undoes 000006-sales: what is scheduled, the functions, the tables with what hangs on them, the types.
-- pg_temp.set_aside drops a table that is empty, and moves one that holds rows to the schema of the rollback.

select cron.unschedule('rowhouse-expire-quotes');

drop function public.update_quote(uuid, numeric[], numeric, numeric, date, text);
drop function public.update_entry(uuid, jsonb, text);
drop function public.send_quote(uuid);
drop function public.save_entry(uuid, text, jsonb, uuid);
drop function public.save_configuration(uuid);
drop function public.reopen_configuration(uuid);
drop function public.reject_quote(uuid, text);
drop function public.entry_schema(uuid);
drop function public.entry_preview(uuid, jsonb);
drop function public.delete_configuration(uuid);
drop function public.customer_details(uuid);
drop function public.create_template(uuid, text, text, boolean);
drop function public.create_quote(uuid[], numeric[], numeric, numeric, date, text);
drop function public.create_order(uuid, date, jsonb, text);
drop function public.change_order_status(uuid, text, text);
drop function public.change_order_item_status(uuid, text);
drop function public.apply_template(uuid, text, uuid, boolean);
drop function public.accept_quote(uuid);

drop function private.update_quote(uuid, numeric[], numeric, numeric, date, text);
drop function private.update_entry(uuid, jsonb, text);
drop function private.send_quote(uuid);
drop function private.save_entry(uuid, text, jsonb, uuid);
drop function private.save_configuration(uuid);
drop function private.write_selections(text, uuid, jsonb, boolean);
drop function private.reopen_configuration(uuid);
drop function private.reject_quote(uuid, text);
drop function private.refresh_attribute_tree(text, uuid);
drop function private.formula_names(text[]);
drop function private.expire_quotes();
drop function private.entry_schema(uuid);
drop function private.entry_preview(uuid, jsonb);
drop function private.dependency_order(integer, integer[], integer[]);
drop function private.delete_configuration(uuid);
drop function private.require_draft(uuid);
drop function private.customer_details(uuid);
drop function private.create_template(uuid, text, text, boolean);
drop function private.require_configuration(uuid, boolean);
drop function private.create_quote(uuid[], numeric[], numeric, numeric, date, text);
drop function private.require_quote_terms(date, numeric[], numeric, numeric, date, text);
drop function private.require_amounts(numeric, numeric);
drop function private.create_order(uuid, date, jsonb, text);
drop function private.lock_configurations(text, uuid[]);
drop function private.compile_attribute_formula(text, text, text, text[]);
drop function private.change_order_status(uuid, text, text);
drop function private.change_order_item_status(uuid, text);
drop function private.apply_template(uuid, text, uuid, boolean);
drop function private.require_sales_customer(uuid);
drop function private.require_manufacturing_type(uuid, boolean);
drop function private.price_configurations(text, uuid[]);
drop function private.reprice_configurations(text, uuid[]);
drop function private.refuse_configurations(uuid[]);
drop function private.configuration_values(text, uuid);
drop function private.evaluate_entry(text, uuid, jsonb);
drop function private.refuse_values(jsonb);
drop function private.formula_failure(text[], jsonb);
drop function private.evaluate_formula(text[], jsonb, boolean);
drop function private.formula_power(numeric, numeric);
drop function private.compile_formula(text, text[]);
drop function private.checked_price(numeric, numeric);
drop function private.insert_configuration(text, uuid, uuid, text, uuid);
drop function private.next_number(text, text);
drop function private.accept_quote(uuid);
drop function private.today(text);
drop function private.require_transition(text, text, text);
drop function private.require_quote(uuid, boolean);
drop function private.require_seller();
drop function private.sales_settings_of(text);
drop function private.validation_messages(jsonb, jsonb);
drop function private.condition_fields(jsonb);

drop statistics public.configurations_customers, public.quotes_customers, public.orders_customers;
drop view public.template_statistics;
select pg_temp.set_aside('public.order_items');
select pg_temp.set_aside('public.orders');
select pg_temp.set_aside('public.quote_items');
select pg_temp.set_aside('public.quotes');
select pg_temp.set_aside('public.price_history');
select pg_temp.set_aside('public.configuration_snapshots');
select pg_temp.set_aside('public.template_usage');
select pg_temp.set_aside('public.configuration_selections');
select pg_temp.set_aside('public.configurations');
select pg_temp.set_aside('public.template_selections');
select pg_temp.set_aside('public.configuration_templates');
select pg_temp.set_aside('public.attribute_nodes');
select pg_temp.set_aside('public.manufacturing_types');
select pg_temp.set_aside('private.number_counters');
select pg_temp.set_aside('public.sales_settings');
-- Definitions, which the migration writes again.
drop table private.state_transitions;

drop function private.tg__append_only();
drop function private.tg_template_selections__fit();
drop function private.tg_quotes__freeze();
drop function private.tg_quote_items__total();
drop function private.tg_manufacturing_types__revise();
drop function private.tg_configurations__template_usage();
drop function private.tg_configurations__snapshot();
drop function private.tg_configurations__price_history();
drop function private.tg_configurations__freeze();
drop function private.tg_configuration_selections__price();
drop function private.tg_attribute_nodes__refresh();
drop function private.tg_attribute_nodes__prepare();
drop function private.tg__order_frozen();
drop function private.sales_customer_ids();
drop function private.tg__guard_status();
drop function private.sold_customer_ids();
drop function private.validation_rules_problem(jsonb);

drop type public.customer_details;
drop type public.customer_order;
drop type public.customer_quote;
drop type public.entry_preview;
drop type public.entry_preview_line;
drop type public.entry_preview_field;
drop type public.entry_field;

-- What roles hold of the module.
select pg_temp.copy_aside('private.role_permissions', 'role_permissions', 'split_part(permission, ''.'', 1) = ''sales''', null)
where current_setting('rowhouse.keep_rows')::boolean;
select private.undefine_permissions('sales');

-- Rows that are set aside may need it: then it stays.
do $$
begin
  drop extension ltree;
exception
  when dependent_objects_still_exist then
    null;
end;
$$;

-- As 000001-platform left them.
revoke execute on function private.condition_problem(jsonb, integer) from authenticated, service_role;
