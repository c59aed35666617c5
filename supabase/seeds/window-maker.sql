-- What Moser Fensterbau (DEMO0001) makes and whom it sells to: two products with all that can be chosen about them,
-- three templates, 200 customers. `rowhouse seed` and the Supabase CLI run this file after supabase/seed.sql, the demo
-- runs it alone; without that organization it does nothing. All of it is made up: addresses end in .example, Austrian
-- numbers begin with zeros after the area code, as nobody's do; German ones are of the range that is kept for films.

-- A product is a tree of nodes, each with the columns of attribute_nodes. Short for those: "price" and "weight" are
-- {"fixed": 1}, {"percentage": 1} (of the base price) or {"formula": "…"}; "options" are the choices of a selection;
-- "children" stand under the node.
do $seed$
declare
  moser constant text := 'DEMO0001';
  products constant jsonb := $json$[
{
  "name": "uPVC window Donau 82", "category": "Windows", "base_price": 210, "base_weight": 6,
  "description": "Six chambers, 82 mm deep. The base price holds fittings and work; the rest comes by size and choice.",
  "nodes": [
    {"code": "measurements", "name": "Measurements", "node_type": "category", "children": [
      {"code": "width", "name": "Width", "data_type": "dimension", "unit": "mm", "is_required": true,
       "default_value": 1230, "validation_rules": {"min": 400, "max": 2800}, "ui_component": "slider",
       "help_text": "Of the opening in the wall, inside, at its narrowest."},
      {"code": "height", "name": "Height", "data_type": "dimension", "unit": "mm", "is_required": true,
       "default_value": 1480, "validation_rules": {"min": 400, "max": 2500}, "ui_component": "slider"},
      {"code": "shape", "name": "Shape", "data_type": "selection", "is_required": true,
       "default_value": "rectangular", "ui_component": "cards", "options": [
         {"code": "rectangular", "name": "Rectangular"},
         {"code": "arch", "name": "Arch", "price": {"formula": "180 + width * 0.12"},
          "description": "The frame bends to 1600 mm, and no tighter than 600 mm.",
          "display_condition": {"and": [
            {"field": "width", "operator": "greater_equal", "value": 600},
            {"field": "width", "operator": "less_equal", "value": 1600}]}}]},
      {"code": "arch_rise", "name": "Rise of the arch", "data_type": "dimension", "unit": "mm", "is_required": true,
       "default_value": 250, "validation_rules": {"range": [100, 800]},
       "display_condition": {"field": "shape", "operator": "equals", "value": "arch"}},
      {"code": "area_m2", "name": "Area", "data_type": "formula", "unit": "m²",
       "formula": "width * height / 1000000"},
      {"code": "perimeter_m", "name": "Perimeter", "data_type": "formula", "unit": "m",
       "formula": "2 * (width + height) / 1000"},
      {"code": "glass_area_m2", "name": "Area of the glass", "data_type": "formula", "unit": "m²",
       "description": "What the frame, 118 mm wide on each side, leaves.",
       "formula": "(width - 236) * (height - 236) / 1000000"},
      {"code": "glass_perimeter_m", "name": "Perimeter of the glass", "data_type": "formula", "unit": "m",
       "formula": "2 * (width + height - 472) / 1000"},
      {"code": "frame_area_m2", "name": "Area of the frame", "data_type": "formula", "unit": "m²",
       "formula": "area_m2 - glass_area_m2"}]},
    {"code": "frame", "name": "Frame and colour", "node_type": "category", "children": [
      {"code": "frame_profile", "name": "Frame and sash", "node_type": "component",
       "price": {"formula": "perimeter_m * 14.20"}, "weight": {"formula": "perimeter_m * 3.1"}},
      {"code": "reinforcement", "name": "Steel reinforcement", "node_type": "component",
       "description": "Large frames do not stand up to the wind without it.",
       "display_condition": {"or": [
         {"field": "width", "operator": "greater_than", "value": 1600},
         {"field": "height", "operator": "greater_than", "value": 1800}]},
       "price": {"formula": "perimeter_m * 4.60"}, "weight": {"formula": "perimeter_m * 1.35"}},
      {"code": "core_insulation", "name": "Foam in the chambers", "data_type": "boolean", "default_value": false,
       "price": {"formula": "perimeter_m * 5.90"}, "weight": {"formula": "perimeter_m * 0.08"}},
      {"code": "gasket", "name": "Seals", "data_type": "selection", "is_required": true, "default_value": "two_seals",
       "options": [
         {"code": "two_seals", "name": "Two seals", "price": {"formula": "perimeter_m * 1.15"}},
         {"code": "three_seals", "name": "Three seals, one in the middle",
          "price": {"formula": "perimeter_m * 2.65"}}]},
      {"code": "colour_outside", "name": "Colour outside", "data_type": "selection", "is_required": true,
       "default_value": "outside_white", "ui_component": "swatch", "options": [
         {"code": "outside_white", "name": "White"},
         {"code": "outside_anthracite", "name": "Anthracite, RAL 7016", "price": {"percentage": 12}},
         {"code": "outside_golden_oak", "name": "Golden oak", "price": {"percentage": 10}},
         {"code": "outside_special", "name": "Any other RAL colour", "price": {"percentage": 18}},
         {"code": "outside_aluminium", "name": "Aluminium shell, anthracite",
          "price": {"formula": "perimeter_m * 19.80"}, "weight": {"formula": "perimeter_m * 0.9"}}]},
      {"code": "ral_code", "name": "RAL colour", "data_type": "string", "is_required": true,
       "help_text": "As on the colour fan: RAL and four digits.",
       "validation_rules": {"pattern": "^RAL [0-9]{4}$"},
       "display_condition": {"field": "colour_outside", "operator": "equals", "value": "outside_special"}},
      {"code": "colour_inside", "name": "Colour inside", "data_type": "selection", "is_required": true,
       "default_value": "inside_white", "ui_component": "swatch", "options": [
         {"code": "inside_white", "name": "White"},
         {"code": "inside_as_outside", "name": "As outside", "price": {"percentage": 6},
          "display_condition": {"field": "colour_outside", "operator": "in",
            "value": ["outside_anthracite", "outside_golden_oak", "outside_special"]}}]}]},
    {"code": "glass", "name": "Glass", "node_type": "category", "children": [
      {"code": "glazing", "name": "Glazing", "data_type": "selection", "is_required": true, "default_value": "triple",
       "ui_component": "cards", "options": [
         {"code": "double", "name": "Double", "description": "Ug 1.1, 4/16/4 mm.",
          "price": {"formula": "glass_area_m2 * 46"}, "weight": {"formula": "glass_area_m2 * 20"}},
         {"code": "triple", "name": "Triple", "description": "Ug 0.6, 4/14/4/14/4 mm.",
          "price": {"formula": "glass_area_m2 * 79"}, "weight": {"formula": "glass_area_m2 * 30"}},
         {"code": "sound", "name": "Triple, sound insulating", "description": "Ug 0.6, 44 dB, laminated outside.",
          "price": {"formula": "glass_area_m2 * 128"}, "weight": {"formula": "glass_area_m2 * 37.5"}}]},
      {"code": "spacer", "name": "Spacer", "data_type": "selection", "is_required": true,
       "default_value": "spacer_aluminium", "options": [
         {"code": "spacer_aluminium", "name": "Aluminium"},
         {"code": "spacer_warm_edge", "name": "Warm edge", "price": {"formula": "glass_perimeter_m * 1.90"}}]},
      {"code": "safety_glass", "name": "Laminated safety glass inside", "data_type": "boolean", "default_value": false,
       "help_text": "The law asks for it where the glass begins below 85 cm.",
       "price": {"formula": "glass_area_m2 * 42.50"}, "weight": {"formula": "glass_area_m2 * 5.5"}},
      {"code": "ornament", "name": "Ornament", "data_type": "selection", "default_value": "clear", "options": [
         {"code": "clear", "name": "Clear"},
         {"code": "satinato", "name": "Satinato", "price": {"formula": "glass_area_m2 * 31"}},
         {"code": "chinchilla", "name": "Chinchilla", "price": {"formula": "glass_area_m2 * 18.50"}}]},
      {"code": "muntins", "name": "Muntins", "data_type": "selection", "default_value": "muntins_none", "options": [
         {"code": "muntins_none", "name": "None"},
         {"code": "muntins_inside", "name": "Between the panes", "price": {"fixed": 48}},
         {"code": "muntins_applied", "name": "Applied on both sides", "price": {"fixed": 65}}]},
      {"code": "muntin_bars", "name": "Bars", "data_type": "number", "is_required": true, "default_value": 2,
       "validation_rules": {"min": 1, "max": 8},
       "display_condition": {"field": "muntins", "operator": "in", "value": ["muntins_inside", "muntins_applied"]},
       "price": {"formula": "muntin_bars * 22.50"}, "weight": {"formula": "muntin_bars * 0.3"}}]},
    {"code": "opening", "name": "Opening and security", "node_type": "category", "children": [
      {"code": "opening_type", "name": "Opening", "data_type": "selection", "is_required": true,
       "default_value": "tilt_turn", "ui_component": "cards", "options": [
         {"code": "fixed", "name": "Fixed", "price": {"fixed": -38}, "weight": {"fixed": -2.5}},
         {"code": "turn", "name": "Turn", "price": {"fixed": -12}},
         {"code": "tilt_turn", "name": "Tilt and turn"},
         {"code": "double_sash", "name": "Two sashes", "price": {"percentage": 38}, "weight": {"fixed": 7.5},
          "display_condition": {"field": "width", "operator": "greater_equal", "value": 1000}}]},
      {"code": "hinge_side", "name": "Hinges", "data_type": "selection", "is_required": true,
       "default_value": "hinges_left", "help_text": "As seen from inside.",
       "display_condition": {"field": "opening_type", "operator": "in", "value": ["turn", "tilt_turn"]}, "options": [
         {"code": "hinges_left", "name": "Left"},
         {"code": "hinges_right", "name": "Right"}]},
      {"code": "hidden_hinges", "name": "Hidden hinges", "data_type": "boolean", "default_value": false,
       "display_condition": {"field": "opening_type", "operator": "not_equals", "value": "fixed"},
       "price": {"fixed": 64}, "weight": {"fixed": 0.4}},
      {"code": "handle", "name": "Handle", "data_type": "selection", "is_required": true,
       "default_value": "handle_white",
       "display_condition": {"field": "opening_type", "operator": "not_equals", "value": "fixed"}, "options": [
         {"code": "handle_white", "name": "White"},
         {"code": "handle_steel", "name": "Stainless steel", "price": {"fixed": 18.50}},
         {"code": "handle_lockable", "name": "Lockable", "price": {"fixed": 32}}]},
      {"code": "security_class", "name": "Resistance to break-ins", "data_type": "selection", "is_required": true,
       "default_value": "security_basic", "options": [
         {"code": "security_basic", "name": "Basic"},
         {"code": "rc1n", "name": "RC 1 N", "price": {"fixed": 46}, "weight": {"fixed": 0.6}},
         {"code": "rc2", "name": "RC 2", "description": "Asks for laminated glass.",
          "display_condition": {"field": "safety_glass", "operator": "equals", "value": true},
          "price": {"formula": "79 + perimeter_m * 7.50"}, "weight": {"fixed": 1.2}}]},
      {"code": "alarm_contact", "name": "Contact for an alarm", "data_type": "boolean", "default_value": false,
       "price": {"fixed": 39}}]},
    {"code": "accessories", "name": "Sill, shutter and screen", "node_type": "category", "children": [
      {"code": "sill", "name": "Sill outside", "data_type": "selection", "default_value": "sill_none", "options": [
         {"code": "sill_none", "name": "None"},
         {"code": "sill_aluminium", "name": "Aluminium",
          "price": {"formula": "width / 1000 * 26"}, "weight": {"formula": "width / 1000 * 1.4"}},
         {"code": "sill_granite", "name": "Granite",
          "price": {"formula": "width / 1000 * 84"}, "weight": {"formula": "width / 1000 * 16.5"}}]},
      {"code": "sill_depth", "name": "Depth of the sill", "data_type": "dimension", "unit": "mm", "is_required": true,
       "default_value": 150, "validation_rules": {"range": [90, 400]},
       "display_condition": {"field": "sill", "operator": "in", "value": ["sill_aluminium", "sill_granite"]},
       "description": "Up to 150 mm are in the price of the sill.",
       "price": {"formula": "max(0, sill_depth - 150) * width / 1000000 * 120"}},
      {"code": "shutter", "name": "Roller shutter", "data_type": "boolean", "default_value": false,
       "price": {"formula": "98 + area_m2 * 61"}, "weight": {"formula": "4 + area_m2 * 4.8"}},
      {"code": "shutter_drive", "name": "Drive of the shutter", "data_type": "selection", "is_required": true,
       "default_value": "belt", "display_condition": {"field": "shutter", "operator": "equals", "value": true},
       "options": [
         {"code": "belt", "name": "Belt"},
         {"code": "crank", "name": "Crank", "price": {"fixed": 24}},
         {"code": "motor", "name": "Motor with switch", "price": {"fixed": 189}, "weight": {"fixed": 1.4}},
         {"code": "radio_motor", "name": "Motor with radio", "price": {"fixed": 268}, "weight": {"fixed": 1.5}}]},
      {"code": "shutter_colour", "name": "Colour of the shutter", "data_type": "selection",
       "default_value": "slats_grey",
       "ui_component": "swatch", "display_condition": {"field": "shutter", "operator": "equals", "value": true},
       "options": [
         {"code": "slats_grey", "name": "Light grey"},
         {"code": "slats_white", "name": "White"},
         {"code": "slats_anthracite", "name": "Anthracite", "price": {"percentage": 4}}]},
      {"code": "insect_screen", "name": "Insect screen", "data_type": "selection", "default_value": "screen_none",
       "options": [
         {"code": "screen_none", "name": "None"},
         {"code": "screen_frame", "name": "In a frame", "price": {"formula": "area_m2 * 38"}},
         {"code": "screen_roller", "name": "In the box of the shutter", "price": {"formula": "95 + area_m2 * 24"},
          "display_condition": {"field": "shutter", "operator": "equals", "value": true}}]}]},
    {"code": "on_site", "name": "On site", "node_type": "category", "children": [
      {"code": "installation", "name": "Installation", "node_type": "component", "data_type": "boolean",
       "default_value": true, "description": "By our fitters, sealed to ÖNORM B 5320.",
       "price": {"formula": "72 + perimeter_m * 16.50"}},
      {"code": "removal", "name": "The old window is taken away", "data_type": "boolean", "default_value": false,
       "display_condition": {"field": "installation", "operator": "equals", "value": true},
       "price": {"formula": "35 + area_m2 * 18"}},
      {"code": "storey", "name": "Storey", "data_type": "number", "default_value": 0,
       "validation_rules": {"min": 0, "max": 20},
       "display_condition": {"field": "installation", "operator": "equals", "value": true}},
      {"code": "carrying", "name": "Carrying up", "node_type": "component",
       "display_condition": {"and": [
         {"field": "installation", "operator": "equals", "value": true},
         {"field": "storey", "operator": "greater_than", "value": 3}]},
       "price": {"fixed": 25}},
      {"code": "site_note", "name": "What the fitters should know", "data_type": "string", "ui_component": "textarea",
       "validation_rules": {"max_length": 500}}]},
    {"code": "technical", "name": "Technical data", "node_type": "category", "children": [
      {"code": "u_value_double", "name": "Uw", "node_type": "technical_spec", "data_type": "formula", "unit": "W/(m²K)",
       "display_condition": {"field": "glazing", "operator": "equals", "value": "double"},
       "formula": "round((1.1 * glass_area_m2 + 1.1 * frame_area_m2 + 0.06 * glass_perimeter_m) / area_m2, 2)"},
      {"code": "u_value_triple", "name": "Uw", "node_type": "technical_spec", "data_type": "formula", "unit": "W/(m²K)",
       "display_condition": {"field": "glazing", "operator": "in", "value": ["triple", "sound"]},
       "formula": "round((0.6 * glass_area_m2 + 1.1 * frame_area_m2 + 0.04 * glass_perimeter_m) / area_m2, 2)"},
      {"code": "sound_reduction", "name": "Rw", "node_type": "technical_spec", "data_type": "formula", "unit": "dB",
       "formula": "44", "display_condition": {"field": "glazing", "operator": "equals", "value": "sound"}},
      {"code": "share_of_glass", "name": "Share of glass", "node_type": "technical_spec", "data_type": "formula",
       "unit": "%", "formula": "round(100 * glass_area_m2 / area_m2, 1)"}]}]
},
{
  "name": "Aluminium entrance door Freinberg", "category": "Doors", "base_price": 1990, "base_weight": 52,
  "description": "A leaf in a thermally broken frame, made to measure. Locks in five places.",
  "nodes": [
    {"code": "measurements", "name": "Measurements", "node_type": "category", "children": [
      {"code": "width", "name": "Width of the door", "data_type": "dimension", "unit": "mm", "is_required": true,
       "default_value": 1100, "validation_rules": {"range": [850, 1400]}, "ui_component": "slider"},
      {"code": "height", "name": "Height of the door", "data_type": "dimension", "unit": "mm", "is_required": true,
       "default_value": 2150, "validation_rules": {"range": [1950, 2600]}, "ui_component": "slider"},
      {"code": "area_m2", "name": "Area", "data_type": "formula", "unit": "m²",
       "formula": "width * height / 1000000"},
      {"code": "perimeter_m", "name": "Perimeter", "data_type": "formula", "unit": "m",
       "formula": "2 * (width + height) / 1000"},
      {"code": "side_panels", "name": "Side panels", "data_type": "number", "default_value": 0,
       "validation_rules": {"choices": [0, 1, 2]}, "ui_component": "stepper"},
      {"code": "side_panel_width", "name": "Width of a side panel", "data_type": "dimension", "unit": "mm",
       "is_required": true, "default_value": 400, "validation_rules": {"range": [250, 700]},
       "display_condition": {"field": "side_panels", "operator": "greater_than", "value": 0},
       "price": {"formula": "side_panels * (120 + side_panel_width * height / 1000000 * 345)"},
       "weight": {"formula": "side_panels * side_panel_width * height / 1000000 * 34"}},
      {"code": "side_panel_place", "name": "Place of the side panel", "data_type": "selection", "is_required": true,
       "default_value": "panel_left", "display_condition": {"field": "side_panels", "operator": "equals", "value": 1},
       "options": [
         {"code": "panel_left", "name": "Left"},
         {"code": "panel_right", "name": "Right"}]},
      {"code": "fanlight", "name": "Fanlight", "data_type": "boolean", "default_value": false},
      {"code": "fanlight_height", "name": "Height of the fanlight", "data_type": "dimension", "unit": "mm",
       "is_required": true, "default_value": 400, "validation_rules": {"range": [300, 800]},
       "display_condition": {"field": "fanlight", "operator": "equals", "value": true},
       "price": {"formula": "140 + width * fanlight_height / 1000000 * 320"},
       "weight": {"formula": "width * fanlight_height / 1000000 * 33"}}]},
    {"code": "leaf", "name": "Leaf", "node_type": "category", "children": [
      {"code": "leaf_body", "name": "Leaf and frame", "node_type": "component",
       "price": {"formula": "area_m2 * 185"}, "weight": {"formula": "area_m2 * 24"}},
      {"code": "thickness", "name": "Thickness", "data_type": "selection", "is_required": true,
       "default_value": "mm_77", "options": [
         {"code": "mm_77", "name": "77 mm"},
         {"code": "mm_93", "name": "93 mm", "price": {"percentage": 9}, "weight": {"formula": "area_m2 * 3"}}]},
      {"code": "design", "name": "Design", "data_type": "selection", "is_required": true, "default_value": "smooth",
       "ui_component": "cards", "options": [
         {"code": "smooth", "name": "Smooth"},
         {"code": "grooved", "name": "Grooved", "price": {"fixed": 145}},
         {"code": "glass_strip", "name": "Strip of glass", "price": {"fixed": 390}, "weight": {"fixed": 4}},
         {"code": "full_glass", "name": "All glass", "price": {"formula": "area_m2 * 260"},
          "weight": {"formula": "area_m2 * 11"}},
         {"code": "ceramic", "name": "Ceramic", "price": {"percentage": 28}, "weight": {"formula": "area_m2 * 9"}}]},
      {"code": "door_glass", "name": "Glass of the door", "data_type": "selection", "is_required": true,
       "default_value": "door_glass_clear",
       "display_condition": {"field": "design", "operator": "in", "value": ["glass_strip", "full_glass"]}, "options": [
         {"code": "door_glass_clear", "name": "Clear"},
         {"code": "door_glass_satinato", "name": "Satinato", "price": {"fixed": 85}},
         {"code": "door_glass_mirror", "name": "Mirrored outside", "price": {"fixed": 140}}]},
      {"code": "door_viewer", "name": "Door viewer", "data_type": "boolean", "default_value": false,
       "display_condition": {"not": {"field": "design", "operator": "in", "value": ["glass_strip", "full_glass"]}},
       "price": {"fixed": 29}},
      {"code": "colour_outside", "name": "Colour outside", "data_type": "selection", "is_required": true,
       "default_value": "outside_anthracite", "ui_component": "swatch", "options": [
         {"code": "outside_anthracite", "name": "Anthracite, fine texture"},
         {"code": "outside_white", "name": "White"},
         {"code": "outside_wood", "name": "Wood decor", "price": {"percentage": 11}},
         {"code": "outside_special", "name": "Special colour", "price": {"percentage": 12}}]},
      {"code": "ral_code", "name": "RAL colour", "data_type": "string", "is_required": true,
       "validation_rules": {"pattern": "^RAL [0-9]{4}$"},
       "display_condition": {"field": "colour_outside", "operator": "equals", "value": "outside_special"}},
      {"code": "two_colours", "name": "White inside", "data_type": "boolean", "default_value": false,
       "display_condition": {"field": "colour_outside", "operator": "not_equals", "value": "outside_white"},
       "price": {"percentage": 5}}]},
    {"code": "hardware", "name": "Locks and hardware", "node_type": "category", "children": [
      {"code": "pull", "name": "Handle outside", "data_type": "selection", "is_required": true, "default_value": "knob",
       "options": [
         {"code": "knob", "name": "Knob"},
         {"code": "bar_600", "name": "Bar of 600 mm", "price": {"fixed": 95}, "weight": {"fixed": 1.1}},
         {"code": "bar_1600", "name": "Bar of 1600 mm", "price": {"fixed": 240}, "weight": {"fixed": 2.6}},
         {"code": "recessed", "name": "Recessed, with light", "price": {"percentage": 14},
          "display_condition": {"field": "thickness", "operator": "equals", "value": "mm_93"}}]},
      {"code": "lock", "name": "Lock", "data_type": "selection", "is_required": true, "default_value": "lock_manual",
       "options": [
         {"code": "lock_manual", "name": "Locked by key"},
         {"code": "lock_automatic", "name": "Locks itself", "price": {"fixed": 245}},
         {"code": "lock_motor", "name": "With a motor", "price": {"fixed": 560}, "weight": {"fixed": 1.8}}]},
      {"code": "access", "name": "Opens by", "data_type": "selection", "is_required": true,
       "default_value": "access_key",
       "display_condition": {"field": "lock", "operator": "equals", "value": "lock_motor"}, "options": [
         {"code": "access_key", "name": "Key alone"},
         {"code": "access_keypad", "name": "Keypad", "price": {"fixed": 310}},
         {"code": "access_fingerprint", "name": "Fingerprint", "price": {"fixed": 490}}]},
      {"code": "security_class", "name": "Resistance to break-ins", "data_type": "selection", "is_required": true,
       "default_value": "rc2", "options": [
         {"code": "rc2", "name": "RC 2"},
         {"code": "rc3", "name": "RC 3", "price": {"percentage": 14}, "weight": {"fixed": 6},
          "display_condition": {"field": "design", "operator": "not_equals", "value": "full_glass"}}]},
      {"code": "hinges", "name": "Hinges", "data_type": "selection", "is_required": true,
       "default_value": "hinges_visible", "options": [
         {"code": "hinges_visible", "name": "Visible"},
         {"code": "hinges_hidden", "name": "Hidden", "price": {"percentage": 7.5}}]},
      {"code": "door_closer", "name": "Door closer", "data_type": "boolean", "default_value": false,
       "price": {"fixed": 118}, "weight": {"fixed": 2.2}},
      {"code": "threshold", "name": "Threshold", "data_type": "selection", "is_required": true,
       "default_value": "threshold_20", "options": [
         {"code": "threshold_20", "name": "20 mm"},
         {"code": "threshold_flat", "name": "Flat, for wheelchairs", "price": {"fixed": 72}}]}]},
    {"code": "on_site", "name": "On site", "node_type": "category", "children": [
      {"code": "installation", "name": "Installation", "node_type": "component", "data_type": "boolean",
       "default_value": true, "price": {"formula": "320 + perimeter_m * 24"}},
      {"code": "removal", "name": "The old door is taken away", "data_type": "boolean", "default_value": false,
       "display_condition": {"field": "installation", "operator": "equals", "value": true}, "price": {"fixed": 95}},
      {"code": "contact_email", "name": "E-mail address for the day of installation", "data_type": "string",
       "validation_rules": {"email": true},
       "display_condition": {"field": "installation", "operator": "equals", "value": true}}]},
    {"code": "technical", "name": "Technical data", "node_type": "category", "children": [
      {"code": "u_value_77", "name": "Ud", "node_type": "technical_spec", "data_type": "formula", "unit": "W/(m²K)",
       "display_condition": {"field": "thickness", "operator": "equals", "value": "mm_77"},
       "formula": "round((0.72 * area_m2 + 0.11 * perimeter_m) / area_m2, 2)"},
      {"code": "u_value_93", "name": "Ud", "node_type": "technical_spec", "data_type": "formula", "unit": "W/(m²K)",
       "display_condition": {"field": "thickness", "operator": "equals", "value": "mm_93"},
       "formula": "round((0.58 * area_m2 + 0.11 * perimeter_m) / area_m2, 2)"},
      {"code": "passage", "name": "Clear width", "node_type": "technical_spec", "data_type": "formula", "unit": "mm",
       "formula": "width - 170"}]}]
}
]$json$;
  templates constant jsonb := $json$[
{
  "product": "uPVC window Donau 82", "template_type": "economy", "name": "Cellar and garage",
  "description": "Double glazing, white, without installation.",
  "values": {
    "width": 800, "height": 600, "shape": "rectangular", "gasket": "two_seals", "colour_outside": "outside_white",
    "colour_inside": "inside_white", "glazing": "double", "spacer": "spacer_aluminium", "opening_type": "tilt_turn",
    "hinge_side": "hinges_left", "handle": "handle_white", "security_class": "security_basic", "installation": false
  }
},
{
  "product": "uPVC window Donau 82", "template_type": "standard", "name": "Living room",
  "description": "What most people take: triple glazing, warm edge, an aluminium sill, fitted by us.",
  "values": {
    "width": 1230, "height": 1480, "shape": "rectangular", "gasket": "three_seals", "colour_outside": "outside_white",
    "colour_inside": "inside_white", "glazing": "triple", "spacer": "spacer_warm_edge", "opening_type": "tilt_turn",
    "hinge_side": "hinges_left", "handle": "handle_white", "security_class": "security_basic",
    "sill": "sill_aluminium", "sill_depth": 180, "installation": true, "removal": true
  }
},
{
  "product": "Aluminium entrance door Freinberg", "template_type": "premium", "name": "Villa",
  "description": "93 mm, a special colour, a side panel, RC 3, and a fingerprint instead of a key.",
  "values": {
    "width": 1200, "height": 2250, "side_panels": 1, "side_panel_width": 500, "side_panel_place": "panel_right",
    "thickness": "mm_93", "design": "glass_strip", "door_glass": "door_glass_satinato",
    "colour_outside": "outside_special", "ral_code": "RAL 7021", "two_colours": true, "pull": "bar_1600",
    "lock": "lock_motor", "access": "access_fingerprint", "security_class": "rc3", "hinges": "hinges_hidden",
    "threshold": "threshold_flat", "installation": true, "removal": true
  }
}
]$json$;
  given_names constant text[] := '{
    Alexander,Anna,Barbara,Bernhard,Birgit,Christian,Christine,Claudia,Daniela,David,Elisabeth,Eva,Florian,Franz,Georg,
    Gerhard,Günther,Hannah,Helga,Ingrid,Johanna,Josef,Jürgen,Karin,Katharina,Lukas,Manfred,Margit,Maria,Markus,Martin,
    Michael,Monika,Petra,Reinhard,Sabine,Sebastian,Stefan,Theresa,Wolfgang
  }';
  family_names constant text[] := '{
    Auer,Bauer,Berger,Binder,Brandstätter,Brunner,Ebner,Eder,Egger,Fischer,Fuchs,Gruber,Haas,Haider,Hofer,Holzer,Huber,
    Jäger,Koller,König,Lackner,Lang,Lehner,Leitner,Maier,Mayr,Müller,Neubauer,Pichler,Pirker,Reiter,Riegler,Schmid,
    Schneider,Schuster,Schwarz,Seidl,Stadler,Steiner,Strasser,Strauß,Wagner,Wallner,Weber,Weiß,Wieser,Wimmer,Winkler,
    Wolf,Zauner
  }';
  customer_types constant text[] := '{
    residential,residential,residential,residential,individual,commercial,commercial,contractor,contractor,corporate
  }';
  companies constant jsonb := '{
    "commercial": ["Gasthof %s", "Bäckerei %s", "Ordination Dr. %s", "Autohaus %s GmbH", "Café %s", "Gärtnerei %s",
      "Steuerberatung %s"],
    "contractor": ["%s Bau GmbH", "Zimmerei %s", "Baumeister %s GmbH", "Holzbau %s GmbH", "%s Fassaden GmbH"],
    "corporate": ["%s Immobilien AG", "%s Wohnbau GmbH", "Hotelgruppe %s GmbH"]
  }';
  terms constant jsonb := '{
    "residential": "A third with the order, the rest after installation",
    "individual": "A third with the order, the rest after installation",
    "commercial": "30 days net", "contractor": "14 days 2 %, 30 days net", "corporate": "60 days net"
  }';
  places constant jsonb := '[
    {"postal_code": "4020", "city": "Linz", "country": "AT", "area": "732"},
    {"postal_code": "4600", "city": "Wels", "country": "AT", "area": "7242"},
    {"postal_code": "4400", "city": "Steyr", "country": "AT", "area": "7252"},
    {"postal_code": "4040", "city": "Linz", "country": "AT", "area": "732"},
    {"postal_code": "4810", "city": "Gmunden", "country": "AT", "area": "7612"},
    {"postal_code": "5020", "city": "Salzburg", "country": "AT", "area": "662"},
    {"postal_code": "94032", "city": "Passau", "country": "DE"},
    {"postal_code": "4240", "city": "Freistadt", "country": "AT", "area": "7942"},
    {"postal_code": "1070", "city": "Wien", "country": "AT", "area": "1"},
    {"postal_code": "3100", "city": "St. Pölten", "country": "AT", "area": "2742"},
    {"postal_code": "80331", "city": "München", "country": "DE"}
  ]';
  streets constant text[] := '{
    Hauptstraße,Bahnhofstraße,Kirchengasse,Schulstraße,Am Anger,Mühlweg,Sonnenhang,Lindenallee,Ringstraße,Feldgasse,
    Gartenweg,Marktplatz,Bergstraße
  }';
  tags constant text[] := '{
    renovation,new building,listed building,energy subsidy,
    repeat,referral,trade fair,online,walk-in
  }';
  notes constant text[] := '{
    Deliveries before 9 o''clock only.,The shutter box must not be seen from the street.,
    Wants to be called and not written to.,Park in the yard.
  }';
begin
  if to_regclass('public.attribute_nodes') is null then
    return;
  elsif
    not exists (select from public.organizations as organization where organization.id = moser)
    or exists (select from public.manufacturing_types as product where product.organization_id = moser)
    or exists (select from public.customers as customer where customer.organization_id = moser)
  then
    return;
  end if;

  insert into public.sales_settings (organization_id, currency, tax_rate)
  values (moser, 'EUR', 20)
  on conflict do nothing;

  insert into public.manufacturing_types (organization_id, name, category, description, base_price, base_weight)
  select moser, product.name, product.category, product.description, product.base_price, product.base_weight
  from jsonb_populate_recordset(null::public.manufacturing_types, products) as product;

  with recursive tree (product_id, parent_id, id, node_type, place, node) as (
    select product.id, null::uuid, gen_random_uuid(), top.node ->> 'node_type', top.place, top.node
    from jsonb_array_elements(products) as described
      join public.manufacturing_types as product
        on product.organization_id = moser and product.name = described ->> 'name',
      jsonb_array_elements(described -> 'nodes') with ordinality as top (node, place)
    union all
    select
      tree.product_id,
      tree.id,
      gen_random_uuid(),
      coalesce(below.node ->> 'node_type', case when tree.node ? 'options' then 'option' else 'attribute' end),
      below.place,
      below.node
    from tree,
      jsonb_array_elements(coalesce(tree.node -> 'children', tree.node -> 'options'))
        with ordinality as below (node, place)
  )
  insert into public.attribute_nodes (
    organization_id, id, manufacturing_type_id, parent_id, code, name, description, help_text, node_type, data_type,
    unit, display_condition, validation_rules, is_required, default_value, formula, price_impact_type, price_impact,
    price_formula, weight_impact_type, weight_impact, weight_formula, ui_component, sort_order
  )
  select
    moser,
    tree.id,
    tree.product_id,
    tree.parent_id,
    tree.node ->> 'code',
    tree.node ->> 'name',
    tree.node ->> 'description',
    tree.node ->> 'help_text',
    tree.node_type,
    tree.node ->> 'data_type',
    tree.node ->> 'unit',
    tree.node -> 'display_condition',
    coalesce(tree.node -> 'validation_rules', '{}'),
    tree.node @> '{"is_required": true}',
    tree.node -> 'default_value',
    tree.node ->> 'formula',
    coalesce((select jsonb_object_keys(tree.node -> 'price')), 'none'),
    coalesce(tree.node #>> '{price,fixed}', tree.node #>> '{price,percentage}')::numeric,
    tree.node #>> '{price,formula}',
    coalesce((select jsonb_object_keys(tree.node -> 'weight')), 'none'),
    coalesce(tree.node #>> '{weight,fixed}', tree.node #>> '{weight,percentage}')::numeric,
    tree.node #>> '{weight,formula}',
    tree.node ->> 'ui_component',
    tree.place
  from tree;

  insert into public.configuration_templates (
    organization_id, manufacturing_type_id, name, description, template_type, is_public
  )
  select moser, product.id, template ->> 'name', template ->> 'description', template ->> 'template_type', true
  from jsonb_array_elements(templates) as template
    join public.manufacturing_types as product
      on product.organization_id = moser and product.name = template ->> 'product';

  insert into public.template_selections (
    organization_id, template_id, manufacturing_type_id, attribute_node_id, string_value, numeric_value, boolean_value
  )
  select
    moser,
    template.id,
    node.manufacturing_type_id,
    node.id,
    case when jsonb_typeof(chosen.value) = 'string' then chosen.value #>> '{}' end,
    case when jsonb_typeof(chosen.value) = 'number' then chosen.value::numeric end,
    case when jsonb_typeof(chosen.value) = 'boolean' then chosen.value::boolean end
  from jsonb_array_elements(templates) as described
    join public.configuration_templates as template
      on template.organization_id = moser and template.name = described ->> 'name',
    jsonb_each(described -> 'values') as chosen
    join public.attribute_nodes as node on node.organization_id = moser and node.code = chosen.key
  where node.manufacturing_type_id = template.manufacturing_type_id;

  -- The first is known by name; the others are drawn from the lists above. Forty given and fifty family names, each
  -- taken in turn, meet in 200 ways: no two customers share an address.
  insert into public.customers (
    organization_id, company_name, contact_person, email, phone, address, customer_type, tax_id, payment_terms, notes,
    customer_since, tags
  )
  values (
    moser,
    'Aigner Bau GmbH',
    'Karl Aigner',
    'karl@aigner.example',
    '+43 732 0000 200',
    '{"street": "Hafenstraße 12", "postal_code": "4020", "city": "Linz", "country": "AT"}',
    'contractor',
    'ATU00000200',
    '14 days 2 %, 30 days net',
    'Lisa Aigner signs for him when he is on site.',
    '2019-04-01',
    array['builder', 'framework agreement']
  );

  insert into public.customers (
    organization_id, company_name, contact_person, email, phone, address, customer_type, tax_id, payment_terms,
    is_active, notes, marketing_consent, sms_consent, customer_since, tags
  )
  select
    moser,
    made.company_name,
    made.given || ' ' || made.family,
    case
      when made.company_name is null then made.mailbox || '.' || made.domain || '@post.example'
      else made.mailbox || '@' || made.domain || '.example'
    end,
    case made.place ->> 'country'
      when 'AT' then format('+43 %s 0000 %s', made.place ->> 'area', made.digits)
      else '+49 89 99998 ' || made.digits
    end,
    made.place - 'area' || jsonb_build_object('street', made.street || ' ' || 1 + made.number * 13 % 89),
    made.customer_type,
    case when made.company_name is not null then
      case made.place ->> 'country' when 'AT' then 'ATU00000' else 'DE000000' end || made.digits
    end,
    terms ->> made.customer_type,
    made.number % 40 <> 17,
    notes[made.number % 12],
    made.number % 3 = 0,
    made.number % 5 = 0,
    date '2019-01-07' + made.number * 53 % 2500,
    array[tags[1 + made.number % 4], tags[5 + made.number % 5]]
  from (
    select
      drawn.*,
      format(
        companies -> drawn.customer_type ->> drawn.number / 25 % jsonb_array_length(companies -> drawn.customer_type),
        drawn.family
      ) as company_name,
      places -> drawn.number % jsonb_array_length(places) as place,
      streets[1 + drawn.number % cardinality(streets)] as street,
      to_char(drawn.number, 'fm000') as digits,
      replace(replace(replace(replace(lower(drawn.given), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss') as mailbox,
      replace(replace(replace(replace(lower(drawn.family), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss') as domain
    from (
      select
        number,
        given_names[1 + number % 40] as given,
        family_names[1 + number % 50] as family,
        customer_types[1 + (number + number / 10) % 10] as customer_type
      from generate_series(1, 199) as number
    ) as drawn
  ) as made;

  -- Eva sells in Linz.
  insert into public.customer_assignments (organization_id, customer_id, user_id)
  select moser, customer.id, member.user_id
  from public.customers as customer, public.members as member
    join auth.users as account on account.id = member.user_id
  where customer.organization_id = moser
    and customer.address ->> 'city' = 'Linz'
    and member.organization_id = moser
    and account.email = 'eva@moser.example';

  -- Karl and Lisa share a customer.
  insert into public.customer_users (organization_id, customer_id, user_id)
  select moser, customer.id, member.user_id
  from public.customers as customer, public.members as member
    join auth.users as account on account.id = member.user_id
  where customer.organization_id = moser
    and customer.email = 'karl@aigner.example'
    and member.organization_id = moser
    and account.email ~ '@aigner\.example$';
end;
$seed$;
