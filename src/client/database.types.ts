// Generated from the migrations: do not edit. `npm run generate` renews it.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      attendance: {
        Row: {
          attendee_id: string;
          created_at: string;
          note: string | null;
          organization_id: string;
          recorded_by: string | null;
          session_id: string;
          status: 'present' | 'late' | 'absent' | 'excused';
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          attendee_id: string;
          created_at?: string;
          note?: string | null;
          organization_id?: string;
          recorded_by?: string | null;
          session_id: string;
          status: 'present' | 'late' | 'absent' | 'excused';
          updated_at?: string;
        };
        Update: {
          attendee_id?: string;
          created_at?: string;
          note?: string | null;
          organization_id?: string;
          recorded_by?: string | null;
          session_id?: string;
          status?: 'present' | 'late' | 'absent' | 'excused';
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'attendance_attendee_id_fkey';
            columns: ['organization_id', 'attendee_id'];
            isOneToOne: true;
            referencedRelation: 'booking_attendees';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'attendance_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'attendance_session_id_fkey';
            columns: ['organization_id', 'session_id'];
            isOneToOne: false;
            referencedRelation: 'course_sessions';
            referencedColumns: ['organization_id', 'id'];
          },
        ];
      };
      attribute_nodes: {
        Row: {
          code: string;
          created_at: string;
          data_type: 'string' | 'number' | 'boolean' | 'formula' | 'dimension' | 'selection' | null;
          default_value: Json | null;
          description: string | null;
          display_condition: Json | null;
          evaluation_order: number;
          formula: string | null;
          formula_compiled: string[] | null;
          help_text: string | null;
          id: string;
          is_required: boolean;
          manufacturing_type_id: string;
          name: string;
          node_type: 'category' | 'attribute' | 'option' | 'component' | 'technical_spec';
          organization_id: string;
          parent_id: string | null;
          path: unknown;
          price_formula: string | null;
          price_formula_compiled: string[] | null;
          price_impact: number | null;
          price_impact_type: 'none' | 'fixed' | 'percentage' | 'formula';
          sort_order: number;
          tree_order: number;
          ui_component: string | null;
          unit: string | null;
          updated_at: string;
          validation_rules: NonNullable<Json>;
          weight_formula: string | null;
          weight_formula_compiled: string[] | null;
          weight_impact: number | null;
          weight_impact_type: 'none' | 'fixed' | 'percentage' | 'formula';
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          data_type?: 'string' | 'number' | 'boolean' | 'formula' | 'dimension' | 'selection' | null;
          default_value?: Json | null;
          description?: string | null;
          display_condition?: Json | null;
          evaluation_order?: number;
          formula?: string | null;
          formula_compiled?: string[] | null;
          help_text?: string | null;
          id?: string;
          is_required?: boolean;
          manufacturing_type_id: string;
          name: string;
          node_type: 'category' | 'attribute' | 'option' | 'component' | 'technical_spec';
          organization_id?: string;
          parent_id?: string | null;
          path?: unknown;
          price_formula?: string | null;
          price_formula_compiled?: string[] | null;
          price_impact?: number | null;
          price_impact_type?: 'none' | 'fixed' | 'percentage' | 'formula';
          sort_order?: number;
          tree_order?: number;
          ui_component?: string | null;
          unit?: string | null;
          updated_at?: string;
          validation_rules?: NonNullable<Json>;
          weight_formula?: string | null;
          weight_formula_compiled?: string[] | null;
          weight_impact?: number | null;
          weight_impact_type?: 'none' | 'fixed' | 'percentage' | 'formula';
        };
        Update: {
          code?: string;
          created_at?: string;
          data_type?: 'string' | 'number' | 'boolean' | 'formula' | 'dimension' | 'selection' | null;
          default_value?: Json | null;
          description?: string | null;
          display_condition?: Json | null;
          evaluation_order?: number;
          formula?: string | null;
          formula_compiled?: string[] | null;
          help_text?: string | null;
          id?: string;
          is_required?: boolean;
          manufacturing_type_id?: string;
          name?: string;
          node_type?: 'category' | 'attribute' | 'option' | 'component' | 'technical_spec';
          organization_id?: string;
          parent_id?: string | null;
          path?: unknown;
          price_formula?: string | null;
          price_formula_compiled?: string[] | null;
          price_impact?: number | null;
          price_impact_type?: 'none' | 'fixed' | 'percentage' | 'formula';
          sort_order?: number;
          tree_order?: number;
          ui_component?: string | null;
          unit?: string | null;
          updated_at?: string;
          validation_rules?: NonNullable<Json>;
          weight_formula?: string | null;
          weight_formula_compiled?: string[] | null;
          weight_impact?: number | null;
          weight_impact_type?: 'none' | 'fixed' | 'percentage' | 'formula';
        };
        Relationships: [
          {
            foreignKeyName: 'attribute_nodes_manufacturing_type_id_fkey';
            columns: ['organization_id', 'manufacturing_type_id'];
            isOneToOne: false;
            referencedRelation: 'manufacturing_types';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'attribute_nodes_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'attribute_nodes_parent_id_fkey';
            columns: ['organization_id', 'manufacturing_type_id', 'parent_id'];
            isOneToOne: false;
            referencedRelation: 'attribute_nodes';
            referencedColumns: ['organization_id', 'manufacturing_type_id', 'id'];
          },
        ];
      };
      audit_logs: {
        Row: {
          action:
            | 'create'
            | 'read'
            | 'update'
            | 'delete'
            | 'login'
            | 'logout'
            | 'approve'
            | 'reject'
            | 'export'
            | 'import'
            | 'system';
          actor_id: string | null;
          actor_role: string;
          after: Json | null;
          at: string;
          before: Json | null;
          event: string | null;
          id: number;
          ip: unknown;
          organization_id: string;
          request_id: string | null;
          row_key: Json | null;
          severity: 'info' | 'notice' | 'warning' | 'critical';
          table_name: string | null;
        };
        ComputedFields: never;
        Insert: {
          action:
            | 'create'
            | 'read'
            | 'update'
            | 'delete'
            | 'login'
            | 'logout'
            | 'approve'
            | 'reject'
            | 'export'
            | 'import'
            | 'system';
          actor_id?: string | null;
          actor_role: string;
          after?: Json | null;
          at?: string;
          before?: Json | null;
          event?: string | null;
          id?: never;
          ip?: unknown;
          organization_id: string;
          request_id?: string | null;
          row_key?: Json | null;
          severity?: 'info' | 'notice' | 'warning' | 'critical';
          table_name?: string | null;
        };
        Update: {
          action?:
            | 'create'
            | 'read'
            | 'update'
            | 'delete'
            | 'login'
            | 'logout'
            | 'approve'
            | 'reject'
            | 'export'
            | 'import'
            | 'system';
          actor_id?: string | null;
          actor_role?: string;
          after?: Json | null;
          at?: string;
          before?: Json | null;
          event?: string | null;
          id?: never;
          ip?: unknown;
          organization_id?: string;
          request_id?: string | null;
          row_key?: Json | null;
          severity?: 'info' | 'notice' | 'warning' | 'critical';
          table_name?: string | null;
        };
        Relationships: [];
      };
      booking_attendees: {
        Row: {
          booking_id: string;
          created_at: string;
          date_of_birth: string | null;
          email: string | null;
          id: string;
          is_primary: boolean;
          name: string;
          organization_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          booking_id: string;
          created_at?: string;
          date_of_birth?: string | null;
          email?: string | null;
          id?: string;
          is_primary?: boolean;
          name: string;
          organization_id?: string;
          updated_at?: string;
        };
        Update: {
          booking_id?: string;
          created_at?: string;
          date_of_birth?: string | null;
          email?: string | null;
          id?: string;
          is_primary?: boolean;
          name?: string;
          organization_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'booking_attendees_booking_id_fkey';
            columns: ['organization_id', 'booking_id'];
            isOneToOne: false;
            referencedRelation: 'bookings';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'booking_attendees_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      booking_requirements: {
        Row: {
          attendee_id: string | null;
          booking_id: string;
          created_at: string;
          id: string;
          kind: 'accessibility' | 'dietary' | 'medical' | 'other';
          note: string;
          organization_id: string;
          priority: 'low' | 'normal' | 'high' | 'critical';
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          attendee_id?: string | null;
          booking_id: string;
          created_at?: string;
          id?: string;
          kind: 'accessibility' | 'dietary' | 'medical' | 'other';
          note: string;
          organization_id?: string;
          priority?: 'low' | 'normal' | 'high' | 'critical';
          updated_at?: string;
        };
        Update: {
          attendee_id?: string | null;
          booking_id?: string;
          created_at?: string;
          id?: string;
          kind?: 'accessibility' | 'dietary' | 'medical' | 'other';
          note?: string;
          organization_id?: string;
          priority?: 'low' | 'normal' | 'high' | 'critical';
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'booking_requirements_attendee_id_fkey';
            columns: ['organization_id', 'attendee_id'];
            isOneToOne: false;
            referencedRelation: 'booking_attendees';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'booking_requirements_booking_id_fkey';
            columns: ['organization_id', 'booking_id'];
            isOneToOne: false;
            referencedRelation: 'bookings';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'booking_requirements_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      booking_settings: {
        Row: {
          cancellation_hours: number;
          created_at: string;
          invoice_due_days: number;
          organization_id: string;
          updated_at: string;
          waitlist_offer_hours: number;
        };
        ComputedFields: never;
        Insert: {
          cancellation_hours?: number;
          created_at?: string;
          invoice_due_days?: number;
          organization_id?: string;
          updated_at?: string;
          waitlist_offer_hours?: number;
        };
        Update: {
          cancellation_hours?: number;
          created_at?: string;
          invoice_due_days?: number;
          organization_id?: string;
          updated_at?: string;
          waitlist_offer_hours?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'booking_settings_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: true;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      booking_waitlist: {
        Row: {
          attendee_count: number;
          booked_at: string | null;
          booking_id: string | null;
          created_at: string;
          customer_id: string;
          expired_at: string | null;
          id: string;
          notified_at: string | null;
          offer_expires_at: string | null;
          organization_id: string;
          position: number;
          session_id: string;
          status: 'waiting' | 'notified' | 'booked' | 'expired';
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          attendee_count?: number;
          booked_at?: string | null;
          booking_id?: string | null;
          created_at?: string;
          customer_id: string;
          expired_at?: string | null;
          id?: string;
          notified_at?: string | null;
          offer_expires_at?: string | null;
          organization_id?: string;
          position: number;
          session_id: string;
          status?: 'waiting' | 'notified' | 'booked' | 'expired';
          updated_at?: string;
        };
        Update: {
          attendee_count?: number;
          booked_at?: string | null;
          booking_id?: string | null;
          created_at?: string;
          customer_id?: string;
          expired_at?: string | null;
          id?: string;
          notified_at?: string | null;
          offer_expires_at?: string | null;
          organization_id?: string;
          position?: number;
          session_id?: string;
          status?: 'waiting' | 'notified' | 'booked' | 'expired';
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'booking_waitlist_booking_id_fkey';
            columns: ['organization_id', 'booking_id'];
            isOneToOne: false;
            referencedRelation: 'bookings';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'booking_waitlist_customer_id_fkey';
            columns: ['organization_id', 'customer_id'];
            isOneToOne: false;
            referencedRelation: 'customers';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'booking_waitlist_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'booking_waitlist_session_id_fkey';
            columns: ['organization_id', 'session_id'];
            isOneToOne: false;
            referencedRelation: 'course_sessions';
            referencedColumns: ['organization_id', 'id'];
          },
        ];
      };
      bookings: {
        Row: {
          amount_paid: number;
          amount_refunded: number;
          attendee_count: number;
          cancellation_reason: string | null;
          cancelled_at: string | null;
          code_discount: number;
          completed_at: string | null;
          confirmed_at: string | null;
          contact_details: Json | null;
          contact_email: string | null;
          contact_problem: string | null;
          created_at: string;
          created_by: string | null;
          currency: string;
          customer_id: string | null;
          discount_code_id: string | null;
          group_discount: number;
          id: string;
          notes: string | null;
          organization_id: string;
          reference: string;
          refunded_at: string | null;
          session_id: string;
          status: 'pending' | 'confirmed' | 'cancelled' | 'refunded' | 'completed' | 'no_show';
          subtotal: number;
          terms_accepted_at: string | null;
          total: number;
          unit_price: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          amount_paid?: number;
          amount_refunded?: number;
          attendee_count: number;
          cancellation_reason?: string | null;
          cancelled_at?: string | null;
          code_discount?: number;
          completed_at?: string | null;
          confirmed_at?: string | null;
          contact_details?: Json | null;
          contact_email?: never;
          contact_problem?: never;
          created_at?: string;
          created_by?: string | null;
          currency: string;
          customer_id?: string | null;
          discount_code_id?: string | null;
          group_discount?: number;
          id?: string;
          notes?: string | null;
          organization_id?: string;
          reference: string;
          refunded_at?: string | null;
          session_id: string;
          status?: 'pending' | 'confirmed' | 'cancelled' | 'refunded' | 'completed' | 'no_show';
          subtotal: number;
          terms_accepted_at?: string | null;
          total: number;
          unit_price: number;
          updated_at?: string;
        };
        Update: {
          amount_paid?: number;
          amount_refunded?: number;
          attendee_count?: number;
          cancellation_reason?: string | null;
          cancelled_at?: string | null;
          code_discount?: number;
          completed_at?: string | null;
          confirmed_at?: string | null;
          contact_details?: Json | null;
          contact_email?: never;
          contact_problem?: never;
          created_at?: string;
          created_by?: string | null;
          currency?: string;
          customer_id?: string | null;
          discount_code_id?: string | null;
          group_discount?: number;
          id?: string;
          notes?: string | null;
          organization_id?: string;
          reference?: string;
          refunded_at?: string | null;
          session_id?: string;
          status?: 'pending' | 'confirmed' | 'cancelled' | 'refunded' | 'completed' | 'no_show';
          subtotal?: number;
          terms_accepted_at?: string | null;
          total?: number;
          unit_price?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'bookings_customer_id_fkey';
            columns: ['organization_id', 'customer_id'];
            isOneToOne: false;
            referencedRelation: 'customers';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'bookings_discount_code_id_fkey';
            columns: ['organization_id', 'discount_code_id'];
            isOneToOne: false;
            referencedRelation: 'discount_codes';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'bookings_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'bookings_session_id_fkey';
            columns: ['organization_id', 'session_id'];
            isOneToOne: false;
            referencedRelation: 'course_sessions';
            referencedColumns: ['organization_id', 'id'];
          },
        ];
      };
      certificates: {
        Row: {
          attendee_id: string;
          course_id: string;
          created_at: string;
          expires_on: string | null;
          holder_name: string;
          id: string;
          issued_on: string;
          number: string;
          organization_id: string;
        };
        ComputedFields: never;
        Insert: {
          attendee_id: string;
          course_id: string;
          created_at?: string;
          expires_on?: string | null;
          holder_name: string;
          id?: string;
          issued_on: string;
          number: string;
          organization_id?: string;
        };
        Update: {
          attendee_id?: string;
          course_id?: string;
          created_at?: string;
          expires_on?: string | null;
          holder_name?: string;
          id?: string;
          issued_on?: string;
          number?: string;
          organization_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'certificates_attendee_id_fkey';
            columns: ['organization_id', 'attendee_id'];
            isOneToOne: true;
            referencedRelation: 'booking_attendees';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'certificates_course_id_fkey';
            columns: ['organization_id', 'course_id'];
            isOneToOne: false;
            referencedRelation: 'courses';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'certificates_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      configuration_selections: {
        Row: {
          attribute_node_id: string;
          boolean_value: boolean | null;
          configuration_id: string;
          manufacturing_type_id: string;
          numeric_value: number | null;
          organization_id: string;
          string_value: string | null;
        };
        ComputedFields: never;
        Insert: {
          attribute_node_id: string;
          boolean_value?: boolean | null;
          configuration_id: string;
          manufacturing_type_id: string;
          numeric_value?: number | null;
          organization_id?: string;
          string_value?: string | null;
        };
        Update: {
          attribute_node_id?: string;
          boolean_value?: boolean | null;
          configuration_id?: string;
          manufacturing_type_id?: string;
          numeric_value?: number | null;
          organization_id?: string;
          string_value?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'configuration_selections_attribute_node_id_fkey';
            columns: ['organization_id', 'manufacturing_type_id', 'attribute_node_id'];
            isOneToOne: false;
            referencedRelation: 'attribute_nodes';
            referencedColumns: ['organization_id', 'manufacturing_type_id', 'id'];
          },
          {
            foreignKeyName: 'configuration_selections_configuration_id_fkey';
            columns: ['organization_id', 'configuration_id', 'manufacturing_type_id'];
            isOneToOne: false;
            referencedRelation: 'configurations';
            referencedColumns: ['organization_id', 'id', 'manufacturing_type_id'];
          },
          {
            foreignKeyName: 'configuration_selections_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      configuration_snapshots: {
        Row: {
          base_price: number;
          configuration_id: string;
          data: NonNullable<Json>;
          id: string;
          organization_id: string;
          reason: 'saved' | 'quoted' | 'ordered';
          revision: number;
          taken_at: string;
          taken_by: string | null;
          total_price: number;
          total_weight: number;
        };
        ComputedFields: never;
        Insert: {
          base_price: number;
          configuration_id: string;
          data: NonNullable<Json>;
          id?: string;
          organization_id?: string;
          reason: 'saved' | 'quoted' | 'ordered';
          revision: number;
          taken_at?: string;
          taken_by?: string | null;
          total_price: number;
          total_weight: number;
        };
        Update: {
          base_price?: number;
          configuration_id?: string;
          data?: NonNullable<Json>;
          id?: string;
          organization_id?: string;
          reason?: 'saved' | 'quoted' | 'ordered';
          revision?: number;
          taken_at?: string;
          taken_by?: string | null;
          total_price?: number;
          total_weight?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'configuration_snapshots_configuration_id_fkey';
            columns: ['organization_id', 'configuration_id'];
            isOneToOne: false;
            referencedRelation: 'configurations';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'configuration_snapshots_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      configuration_templates: {
        Row: {
          created_at: string;
          created_by: string | null;
          description: string | null;
          id: string;
          is_active: boolean;
          is_public: boolean;
          manufacturing_type_id: string;
          name: string;
          organization_id: string;
          template_type: 'standard' | 'premium' | 'economy' | 'custom';
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          created_by?: string | null;
          description?: string | null;
          id?: string;
          is_active?: boolean;
          is_public?: boolean;
          manufacturing_type_id: string;
          name: string;
          organization_id?: string;
          template_type?: 'standard' | 'premium' | 'economy' | 'custom';
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          created_by?: string | null;
          description?: string | null;
          id?: string;
          is_active?: boolean;
          is_public?: boolean;
          manufacturing_type_id?: string;
          name?: string;
          organization_id?: string;
          template_type?: 'standard' | 'premium' | 'economy' | 'custom';
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'configuration_templates_manufacturing_type_id_fkey';
            columns: ['organization_id', 'manufacturing_type_id'];
            isOneToOne: false;
            referencedRelation: 'manufacturing_types';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'configuration_templates_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      configurations: {
        Row: {
          base_price: number;
          base_weight: number;
          created_at: string;
          created_by: string | null;
          customer_id: string;
          description: string | null;
          id: string;
          manufacturing_type_id: string;
          name: string;
          ordered_at: string | null;
          organization_id: string;
          priced_revision: number;
          quoted_at: string | null;
          reference_code: string;
          saved_at: string | null;
          status: 'draft' | 'saved' | 'quoted' | 'ordered';
          technical_data: NonNullable<Json>;
          template_id: string | null;
          total_price: number;
          total_weight: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          base_price?: number;
          base_weight?: number;
          created_at?: string;
          created_by?: string | null;
          customer_id: string;
          description?: string | null;
          id?: string;
          manufacturing_type_id: string;
          name: string;
          ordered_at?: string | null;
          organization_id?: string;
          priced_revision?: number;
          quoted_at?: string | null;
          reference_code: string;
          saved_at?: string | null;
          status?: 'draft' | 'saved' | 'quoted' | 'ordered';
          technical_data?: NonNullable<Json>;
          template_id?: string | null;
          total_price?: number;
          total_weight?: number;
          updated_at?: string;
        };
        Update: {
          base_price?: number;
          base_weight?: number;
          created_at?: string;
          created_by?: string | null;
          customer_id?: string;
          description?: string | null;
          id?: string;
          manufacturing_type_id?: string;
          name?: string;
          ordered_at?: string | null;
          organization_id?: string;
          priced_revision?: number;
          quoted_at?: string | null;
          reference_code?: string;
          saved_at?: string | null;
          status?: 'draft' | 'saved' | 'quoted' | 'ordered';
          technical_data?: NonNullable<Json>;
          template_id?: string | null;
          total_price?: number;
          total_weight?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'configurations_customer_id_fkey';
            columns: ['organization_id', 'customer_id'];
            isOneToOne: false;
            referencedRelation: 'customers';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'configurations_manufacturing_type_id_fkey';
            columns: ['organization_id', 'manufacturing_type_id'];
            isOneToOne: false;
            referencedRelation: 'manufacturing_types';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'configurations_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'configurations_template_id_fkey';
            columns: ['organization_id', 'template_id'];
            isOneToOne: false;
            referencedRelation: 'configuration_templates';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'configurations_template_id_fkey';
            columns: ['organization_id', 'template_id'];
            isOneToOne: false;
            referencedRelation: 'template_statistics';
            referencedColumns: ['organization_id', 'template_id'];
          },
        ];
      };
      course_price_tiers: {
        Row: {
          course_id: string;
          created_at: string;
          discount_percent: number;
          id: string;
          min_attendees: number;
          organization_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          course_id: string;
          created_at?: string;
          discount_percent: number;
          id?: string;
          min_attendees: number;
          organization_id?: string;
          updated_at?: string;
        };
        Update: {
          course_id?: string;
          created_at?: string;
          discount_percent?: number;
          id?: string;
          min_attendees?: number;
          organization_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'course_price_tiers_course_id_fkey';
            columns: ['organization_id', 'course_id'];
            isOneToOne: false;
            referencedRelation: 'courses';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'course_price_tiers_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      course_sessions: {
        Row: {
          cancellation_reason: string | null;
          cancelled_at: string | null;
          capacity: number;
          completed_at: string | null;
          course_id: string;
          created_at: string;
          ends_at: string;
          id: string;
          instructor_id: string | null;
          organization_id: string;
          places_held: number;
          places_taken: number;
          price: number | null;
          published_at: string | null;
          revision: number;
          room: string;
          starts_at: string;
          status: 'draft' | 'published' | 'full' | 'cancelled' | 'completed';
          updated_at: string;
          venue_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          cancellation_reason?: string | null;
          cancelled_at?: string | null;
          capacity?: number;
          completed_at?: string | null;
          course_id: string;
          created_at?: string;
          ends_at: string;
          id?: string;
          instructor_id?: string | null;
          organization_id?: string;
          places_held?: number;
          places_taken?: number;
          price?: number | null;
          published_at?: string | null;
          revision?: number;
          room?: string;
          starts_at: string;
          status?: 'draft' | 'published' | 'full' | 'cancelled' | 'completed';
          updated_at?: string;
          venue_id?: string | null;
        };
        Update: {
          cancellation_reason?: string | null;
          cancelled_at?: string | null;
          capacity?: number;
          completed_at?: string | null;
          course_id?: string;
          created_at?: string;
          ends_at?: string;
          id?: string;
          instructor_id?: string | null;
          organization_id?: string;
          places_held?: number;
          places_taken?: number;
          price?: number | null;
          published_at?: string | null;
          revision?: number;
          room?: string;
          starts_at?: string;
          status?: 'draft' | 'published' | 'full' | 'cancelled' | 'completed';
          updated_at?: string;
          venue_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'course_sessions_course_id_fkey';
            columns: ['organization_id', 'course_id'];
            isOneToOne: false;
            referencedRelation: 'courses';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'course_sessions_instructor_id_fkey';
            columns: ['organization_id', 'instructor_id'];
            isOneToOne: false;
            referencedRelation: 'members';
            referencedColumns: ['organization_id', 'user_id'];
          },
          {
            foreignKeyName: 'course_sessions_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'course_sessions_venue_id_fkey';
            columns: ['organization_id', 'venue_id'];
            isOneToOne: false;
            referencedRelation: 'venues';
            referencedColumns: ['organization_id', 'id'];
          },
        ];
      };
      courses: {
        Row: {
          certificate_months: number | null;
          course_type: 'public' | 'private' | 'online' | 'refresher';
          created_at: string;
          currency: string;
          description: string | null;
          duration_minutes: number;
          has_certificate: boolean;
          id: string;
          is_active: boolean;
          minimum_age: number | null;
          name: string;
          organization_id: string;
          price: number;
          slug: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          certificate_months?: number | null;
          course_type?: 'public' | 'private' | 'online' | 'refresher';
          created_at?: string;
          currency?: string;
          description?: string | null;
          duration_minutes: number;
          has_certificate?: boolean;
          id?: string;
          is_active?: boolean;
          minimum_age?: number | null;
          name: string;
          organization_id?: string;
          price: number;
          slug: string;
          updated_at?: string;
        };
        Update: {
          certificate_months?: number | null;
          course_type?: 'public' | 'private' | 'online' | 'refresher';
          created_at?: string;
          currency?: string;
          description?: string | null;
          duration_minutes?: number;
          has_certificate?: boolean;
          id?: string;
          is_active?: boolean;
          minimum_age?: number | null;
          name?: string;
          organization_id?: string;
          price?: number;
          slug?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'courses_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      customer_assignments: {
        Row: {
          created_at: string;
          customer_id: string;
          organization_id: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          customer_id: string;
          organization_id?: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          customer_id?: string;
          organization_id?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'customer_assignments_customer_id_fkey';
            columns: ['organization_id', 'customer_id'];
            isOneToOne: false;
            referencedRelation: 'customers';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'customer_assignments_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'customer_assignments_user_id_fkey';
            columns: ['organization_id', 'user_id'];
            isOneToOne: false;
            referencedRelation: 'members';
            referencedColumns: ['organization_id', 'user_id'];
          },
        ];
      };
      customer_health_notes: {
        Row: {
          created_at: string;
          customer_id: string;
          id: string;
          kind: 'medical' | 'dietary' | 'other';
          note: string;
          organization_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          customer_id: string;
          id?: string;
          kind: 'medical' | 'dietary' | 'other';
          note: string;
          organization_id?: string;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          customer_id?: string;
          id?: string;
          kind?: 'medical' | 'dietary' | 'other';
          note?: string;
          organization_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'customer_health_notes_customer_id_fkey';
            columns: ['organization_id', 'customer_id'];
            isOneToOne: false;
            referencedRelation: 'customers';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'customer_health_notes_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      customer_users: {
        Row: {
          created_at: string;
          customer_id: string;
          organization_id: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          customer_id: string;
          organization_id?: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          customer_id?: string;
          organization_id?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'customer_users_customer_id_fkey';
            columns: ['organization_id', 'customer_id'];
            isOneToOne: false;
            referencedRelation: 'customers';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'customer_users_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'customer_users_user_id_fkey';
            columns: ['organization_id', 'user_id'];
            isOneToOne: false;
            referencedRelation: 'members';
            referencedColumns: ['organization_id', 'user_id'];
          },
        ];
      };
      customers: {
        Row: {
          address: NonNullable<Json>;
          company_name: string | null;
          contact_person: string | null;
          created_at: string;
          customer_since: string;
          customer_type: 'residential' | 'commercial' | 'contractor' | 'individual' | 'corporate';
          email: string | null;
          emergency_contact_name: string | null;
          emergency_contact_phone: string | null;
          first_booking_at: string | null;
          id: string;
          is_active: boolean;
          last_booking_at: string | null;
          marketing_consent: boolean;
          notes: string | null;
          organization_id: string;
          payment_terms: string | null;
          phone: string | null;
          search_text: string;
          search_words: unknown;
          sms_consent: boolean;
          tags: string[];
          tax_id: string | null;
          total_bookings: number;
          total_spent: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          address?: NonNullable<Json>;
          company_name?: string | null;
          contact_person?: string | null;
          created_at?: string;
          customer_since?: string;
          customer_type?: 'residential' | 'commercial' | 'contractor' | 'individual' | 'corporate';
          email?: string | null;
          emergency_contact_name?: string | null;
          emergency_contact_phone?: string | null;
          first_booking_at?: string | null;
          id?: string;
          is_active?: boolean;
          last_booking_at?: string | null;
          marketing_consent?: boolean;
          notes?: string | null;
          organization_id?: string;
          payment_terms?: string | null;
          phone?: string | null;
          search_text?: never;
          search_words?: never;
          sms_consent?: boolean;
          tags?: string[];
          tax_id?: string | null;
          total_bookings?: number;
          total_spent?: number;
          updated_at?: string;
        };
        Update: {
          address?: NonNullable<Json>;
          company_name?: string | null;
          contact_person?: string | null;
          created_at?: string;
          customer_since?: string;
          customer_type?: 'residential' | 'commercial' | 'contractor' | 'individual' | 'corporate';
          email?: string | null;
          emergency_contact_name?: string | null;
          emergency_contact_phone?: string | null;
          first_booking_at?: string | null;
          id?: string;
          is_active?: boolean;
          last_booking_at?: string | null;
          marketing_consent?: boolean;
          notes?: string | null;
          organization_id?: string;
          payment_terms?: string | null;
          phone?: string | null;
          search_text?: never;
          search_words?: never;
          sms_consent?: boolean;
          tags?: string[];
          tax_id?: string | null;
          total_bookings?: number;
          total_spent?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'customers_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      discount_codes: {
        Row: {
          amount: number;
          code: string;
          course_id: string | null;
          created_at: string;
          currency: string | null;
          description: string | null;
          id: string;
          is_active: boolean;
          kind: 'percentage' | 'fixed';
          max_uses: number | null;
          max_uses_per_customer: number | null;
          minimum_total: number | null;
          organization_id: string;
          updated_at: string;
          used_count: number;
          valid_from: string | null;
          valid_until: string | null;
        };
        ComputedFields: never;
        Insert: {
          amount: number;
          code: string;
          course_id?: string | null;
          created_at?: string;
          currency?: string | null;
          description?: string | null;
          id?: string;
          is_active?: boolean;
          kind: 'percentage' | 'fixed';
          max_uses?: number | null;
          max_uses_per_customer?: number | null;
          minimum_total?: number | null;
          organization_id?: string;
          updated_at?: string;
          used_count?: number;
          valid_from?: string | null;
          valid_until?: string | null;
        };
        Update: {
          amount?: number;
          code?: string;
          course_id?: string | null;
          created_at?: string;
          currency?: string | null;
          description?: string | null;
          id?: string;
          is_active?: boolean;
          kind?: 'percentage' | 'fixed';
          max_uses?: number | null;
          max_uses_per_customer?: number | null;
          minimum_total?: number | null;
          organization_id?: string;
          updated_at?: string;
          used_count?: number;
          valid_from?: string | null;
          valid_until?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'discount_codes_course_id_fkey';
            columns: ['organization_id', 'course_id'];
            isOneToOne: false;
            referencedRelation: 'courses';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'discount_codes_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      invitations: {
        Row: {
          accepted_at: string | null;
          accepted_by: string | null;
          created_at: string;
          email: string;
          expires_at: string;
          id: string;
          invited_by: string | null;
          organization_id: string;
          plant_id: string | null;
          revoked_at: string | null;
          role_codes: string[];
          token_hash: string;
        };
        ComputedFields: never;
        Insert: {
          accepted_at?: string | null;
          accepted_by?: string | null;
          created_at?: string;
          email: string;
          expires_at?: string;
          id: string;
          invited_by?: string | null;
          organization_id?: string;
          plant_id?: string | null;
          revoked_at?: string | null;
          role_codes?: string[];
          token_hash: string;
        };
        Update: {
          accepted_at?: string | null;
          accepted_by?: string | null;
          created_at?: string;
          email?: string;
          expires_at?: string;
          id?: string;
          invited_by?: string | null;
          organization_id?: string;
          plant_id?: string | null;
          revoked_at?: string | null;
          role_codes?: string[];
          token_hash?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'invitations_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'invitations_plant_id_fkey';
            columns: ['organization_id', 'plant_id'];
            isOneToOne: false;
            referencedRelation: 'plants';
            referencedColumns: ['organization_id', 'id'];
          },
        ];
      };
      invoices: {
        Row: {
          amount_paid: number;
          amount_refunded: number;
          booking_id: string;
          created_at: string;
          currency: string;
          description: string;
          discount_amount: number;
          due_on: string | null;
          id: string;
          number: string | null;
          organization_id: string;
          paid_at: string | null;
          quantity: number;
          refunded_at: string | null;
          sent_at: string | null;
          status: 'draft' | 'sent' | 'paid' | 'void' | 'refunded';
          subtotal: number;
          total: number;
          unit_price: number;
          updated_at: string;
          void_at: string | null;
        };
        ComputedFields: never;
        Insert: {
          amount_paid?: number;
          amount_refunded?: number;
          booking_id: string;
          created_at?: string;
          currency: string;
          description: string;
          discount_amount?: number;
          due_on?: string | null;
          id?: string;
          number?: string | null;
          organization_id?: string;
          paid_at?: string | null;
          quantity: number;
          refunded_at?: string | null;
          sent_at?: string | null;
          status?: 'draft' | 'sent' | 'paid' | 'void' | 'refunded';
          subtotal: number;
          total: number;
          unit_price: number;
          updated_at?: string;
          void_at?: string | null;
        };
        Update: {
          amount_paid?: number;
          amount_refunded?: number;
          booking_id?: string;
          created_at?: string;
          currency?: string;
          description?: string;
          discount_amount?: number;
          due_on?: string | null;
          id?: string;
          number?: string | null;
          organization_id?: string;
          paid_at?: string | null;
          quantity?: number;
          refunded_at?: string | null;
          sent_at?: string | null;
          status?: 'draft' | 'sent' | 'paid' | 'void' | 'refunded';
          subtotal?: number;
          total?: number;
          unit_price?: number;
          updated_at?: string;
          void_at?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'invoices_booking_id_fkey';
            columns: ['organization_id', 'booking_id'];
            isOneToOne: false;
            referencedRelation: 'bookings';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'invoices_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      manufacturing_types: {
        Row: {
          base_price: number;
          base_weight: number;
          category: string | null;
          created_at: string;
          description: string | null;
          id: string;
          image_url: string | null;
          is_active: boolean;
          name: string;
          organization_id: string;
          revision: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          base_price?: number;
          base_weight?: number;
          category?: string | null;
          created_at?: string;
          description?: string | null;
          id?: string;
          image_url?: string | null;
          is_active?: boolean;
          name: string;
          organization_id?: string;
          revision?: number;
          updated_at?: string;
        };
        Update: {
          base_price?: number;
          base_weight?: number;
          category?: string | null;
          created_at?: string;
          description?: string | null;
          id?: string;
          image_url?: string | null;
          is_active?: boolean;
          name?: string;
          organization_id?: string;
          revision?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'manufacturing_types_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      members: {
        Row: {
          approved_by: string | null;
          created_at: string;
          is_open: boolean;
          joined_at: string | null;
          organization_id: string;
          organization_status: 'active' | 'suspended' | 'cancelled';
          status: 'pending' | 'active' | 'suspended';
          suspended_at: string | null;
          updated_at: string;
          user_id: string;
          user_is_active: boolean;
        };
        ComputedFields: never;
        Insert: {
          approved_by?: string | null;
          created_at?: string;
          is_open?: never;
          joined_at?: string | null;
          organization_id?: string;
          organization_status?: 'active' | 'suspended' | 'cancelled';
          status?: 'pending' | 'active' | 'suspended';
          suspended_at?: string | null;
          updated_at?: string;
          user_id: string;
          user_is_active?: boolean;
        };
        Update: {
          approved_by?: string | null;
          created_at?: string;
          is_open?: never;
          joined_at?: string | null;
          organization_id?: string;
          organization_status?: 'active' | 'suspended' | 'cancelled';
          status?: 'pending' | 'active' | 'suspended';
          suspended_at?: string | null;
          updated_at?: string;
          user_id?: string;
          user_is_active?: boolean;
        };
        Relationships: [
          {
            foreignKeyName: 'members_organization_id_fkey';
            columns: ['organization_id', 'organization_status'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id', 'status'];
          },
          {
            foreignKeyName: 'members_user_id_fkey';
            columns: ['user_id', 'user_is_active'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['user_id', 'is_active'];
          },
        ];
      };
      order_items: {
        Row: {
          completed_at: string | null;
          configuration_id: string;
          description: string;
          id: string;
          in_production_at: string | null;
          line_total: number;
          order_id: string;
          organization_id: string;
          pending_at: string | null;
          position: number;
          quantity: number;
          quote_item_id: string;
          status: 'pending' | 'in_production' | 'completed';
          unit_price: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          completed_at?: string | null;
          configuration_id: string;
          description: string;
          id?: string;
          in_production_at?: string | null;
          line_total: number;
          order_id: string;
          organization_id?: string;
          pending_at?: string | null;
          position: number;
          quantity: number;
          quote_item_id: string;
          status?: 'pending' | 'in_production' | 'completed';
          unit_price: number;
          updated_at?: string;
        };
        Update: {
          completed_at?: string | null;
          configuration_id?: string;
          description?: string;
          id?: string;
          in_production_at?: string | null;
          line_total?: number;
          order_id?: string;
          organization_id?: string;
          pending_at?: string | null;
          position?: number;
          quantity?: number;
          quote_item_id?: string;
          status?: 'pending' | 'in_production' | 'completed';
          unit_price?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'order_items_configuration_id_fkey';
            columns: ['organization_id', 'configuration_id'];
            isOneToOne: false;
            referencedRelation: 'configurations';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'order_items_order_id_fkey';
            columns: ['organization_id', 'order_id'];
            isOneToOne: false;
            referencedRelation: 'orders';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'order_items_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'order_items_quote_item_id_fkey';
            columns: ['organization_id', 'quote_item_id'];
            isOneToOne: false;
            referencedRelation: 'quote_items';
            referencedColumns: ['organization_id', 'id'];
          },
        ];
      };
      orders: {
        Row: {
          cancellation_reason: string | null;
          cancelled_at: string | null;
          confirmed_at: string | null;
          created_at: string;
          created_by: string | null;
          currency: string;
          customer_id: string;
          delivery_address: NonNullable<Json>;
          discount_amount: number;
          id: string;
          installed_at: string | null;
          notes: string | null;
          number: string;
          organization_id: string;
          production_at: string | null;
          quote_id: string;
          required_date: string | null;
          shipped_at: string | null;
          status: 'confirmed' | 'production' | 'shipped' | 'installed' | 'cancelled';
          subtotal: number;
          tax_amount: number;
          tax_rate: number;
          total: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          cancellation_reason?: string | null;
          cancelled_at?: string | null;
          confirmed_at?: string | null;
          created_at?: string;
          created_by?: string | null;
          currency: string;
          customer_id: string;
          delivery_address?: NonNullable<Json>;
          discount_amount: number;
          id?: string;
          installed_at?: string | null;
          notes?: string | null;
          number: string;
          organization_id?: string;
          production_at?: string | null;
          quote_id: string;
          required_date?: string | null;
          shipped_at?: string | null;
          status?: 'confirmed' | 'production' | 'shipped' | 'installed' | 'cancelled';
          subtotal: number;
          tax_amount: number;
          tax_rate: number;
          total: number;
          updated_at?: string;
        };
        Update: {
          cancellation_reason?: string | null;
          cancelled_at?: string | null;
          confirmed_at?: string | null;
          created_at?: string;
          created_by?: string | null;
          currency?: string;
          customer_id?: string;
          delivery_address?: NonNullable<Json>;
          discount_amount?: number;
          id?: string;
          installed_at?: string | null;
          notes?: string | null;
          number?: string;
          organization_id?: string;
          production_at?: string | null;
          quote_id?: string;
          required_date?: string | null;
          shipped_at?: string | null;
          status?: 'confirmed' | 'production' | 'shipped' | 'installed' | 'cancelled';
          subtotal?: number;
          tax_amount?: number;
          tax_rate?: number;
          total?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'orders_customer_id_fkey';
            columns: ['organization_id', 'customer_id'];
            isOneToOne: false;
            referencedRelation: 'customers';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'orders_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'orders_quote_id_fkey';
            columns: ['organization_id', 'quote_id', 'customer_id'];
            isOneToOne: false;
            referencedRelation: 'quotes';
            referencedColumns: ['organization_id', 'id', 'customer_id'];
          },
        ];
      };
      organizations: {
        Row: {
          address: NonNullable<Json>;
          allow_self_registration: boolean;
          billing_email: string | null;
          cancelled_at: string | null;
          contact_email: string | null;
          contact_name: string | null;
          contact_phone: string | null;
          created_at: string;
          created_by: string | null;
          features: NonNullable<Json>;
          id: string;
          industry: string | null;
          max_properties: number;
          max_users: number;
          name: string;
          requires_approval: boolean;
          size: string | null;
          slug: string;
          status: 'active' | 'suspended' | 'cancelled';
          status_reason: string | null;
          suspended_at: string | null;
          tier: 'free' | 'basic' | 'professional' | 'enterprise';
          timezone: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          address?: NonNullable<Json>;
          allow_self_registration?: boolean;
          billing_email?: string | null;
          cancelled_at?: string | null;
          contact_email?: string | null;
          contact_name?: string | null;
          contact_phone?: string | null;
          created_at?: string;
          created_by?: string | null;
          features?: NonNullable<Json>;
          id?: string;
          industry?: string | null;
          max_properties?: number;
          max_users?: number;
          name: string;
          requires_approval?: boolean;
          size?: string | null;
          slug: string;
          status?: 'active' | 'suspended' | 'cancelled';
          status_reason?: string | null;
          suspended_at?: string | null;
          tier?: 'free' | 'basic' | 'professional' | 'enterprise';
          timezone?: string;
          updated_at?: string;
        };
        Update: {
          address?: NonNullable<Json>;
          allow_self_registration?: boolean;
          billing_email?: string | null;
          cancelled_at?: string | null;
          contact_email?: string | null;
          contact_name?: string | null;
          contact_phone?: string | null;
          created_at?: string;
          created_by?: string | null;
          features?: NonNullable<Json>;
          id?: string;
          industry?: string | null;
          max_properties?: number;
          max_users?: number;
          name?: string;
          requires_approval?: boolean;
          size?: string | null;
          slug?: string;
          status?: 'active' | 'suspended' | 'cancelled';
          status_reason?: string | null;
          suspended_at?: string | null;
          tier?: 'free' | 'basic' | 'professional' | 'enterprise';
          timezone?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      payments: {
        Row: {
          amount: number;
          amount_refunded: number;
          booking_id: string;
          created_at: string;
          created_by: string | null;
          currency: string;
          failed_at: string | null;
          failure_reason: string | null;
          id: string;
          idempotency_key: string | null;
          method: 'card' | 'cash' | 'bank_transfer' | 'other';
          note: string | null;
          organization_id: string;
          provider: 'manual' | 'stripe';
          provider_intent_id: string | null;
          status: 'pending' | 'processing' | 'succeeded' | 'failed' | 'cancelled';
          succeeded_at: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          amount: number;
          amount_refunded?: number;
          booking_id: string;
          created_at?: string;
          created_by?: string | null;
          currency: string;
          failed_at?: string | null;
          failure_reason?: string | null;
          id?: string;
          idempotency_key?: string | null;
          method?: 'card' | 'cash' | 'bank_transfer' | 'other';
          note?: string | null;
          organization_id?: string;
          provider: 'manual' | 'stripe';
          provider_intent_id?: string | null;
          status?: 'pending' | 'processing' | 'succeeded' | 'failed' | 'cancelled';
          succeeded_at?: string | null;
          updated_at?: string;
        };
        Update: {
          amount?: number;
          amount_refunded?: number;
          booking_id?: string;
          created_at?: string;
          created_by?: string | null;
          currency?: string;
          failed_at?: string | null;
          failure_reason?: string | null;
          id?: string;
          idempotency_key?: string | null;
          method?: 'card' | 'cash' | 'bank_transfer' | 'other';
          note?: string | null;
          organization_id?: string;
          provider?: 'manual' | 'stripe';
          provider_intent_id?: string | null;
          status?: 'pending' | 'processing' | 'succeeded' | 'failed' | 'cancelled';
          succeeded_at?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'payments_booking_id_fkey';
            columns: ['organization_id', 'booking_id'];
            isOneToOne: false;
            referencedRelation: 'bookings';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'payments_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      permissions: {
        Row: {
          code: string;
          description: string;
          module: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          description: string;
          module?: never;
        };
        Update: {
          code?: string;
          description?: string;
          module?: never;
        };
        Relationships: [];
      };
      plants: {
        Row: {
          address: NonNullable<Json>;
          code: string;
          created_at: string;
          id: string;
          manager_id: string | null;
          name: string;
          organization_id: string;
          timezone: string | null;
          type: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          address?: NonNullable<Json>;
          code: string;
          created_at?: string;
          id?: string;
          manager_id?: string | null;
          name: string;
          organization_id?: string;
          timezone?: string | null;
          type?: string;
          updated_at?: string;
        };
        Update: {
          address?: NonNullable<Json>;
          code?: string;
          created_at?: string;
          id?: string;
          manager_id?: string | null;
          name?: string;
          organization_id?: string;
          timezone?: string | null;
          type?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'plants_manager_id_fkey';
            columns: ['organization_id', 'manager_id'];
            isOneToOne: false;
            referencedRelation: 'members';
            referencedColumns: ['organization_id', 'user_id'];
          },
          {
            foreignKeyName: 'plants_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      price_history: {
        Row: {
          changed_at: string;
          changed_by: string | null;
          configuration_id: string;
          id: string;
          new_price: number;
          old_price: number | null;
          organization_id: string;
          revision: number;
        };
        ComputedFields: never;
        Insert: {
          changed_at?: string;
          changed_by?: string | null;
          configuration_id: string;
          id?: string;
          new_price: number;
          old_price?: number | null;
          organization_id?: string;
          revision: number;
        };
        Update: {
          changed_at?: string;
          changed_by?: string | null;
          configuration_id?: string;
          id?: string;
          new_price?: number;
          old_price?: number | null;
          organization_id?: string;
          revision?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'price_history_configuration_id_fkey';
            columns: ['organization_id', 'configuration_id'];
            isOneToOne: false;
            referencedRelation: 'configurations';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'price_history_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      quote_items: {
        Row: {
          configuration_id: string;
          customer_id: string;
          description: string;
          id: string;
          line_total: number;
          organization_id: string;
          position: number;
          quantity: number;
          quote_id: string;
          unit_price: number;
        };
        ComputedFields: never;
        Insert: {
          configuration_id: string;
          customer_id: string;
          description: string;
          id?: string;
          line_total?: never;
          organization_id?: string;
          position: number;
          quantity: number;
          quote_id: string;
          unit_price: number;
        };
        Update: {
          configuration_id?: string;
          customer_id?: string;
          description?: string;
          id?: string;
          line_total?: never;
          organization_id?: string;
          position?: number;
          quantity?: number;
          quote_id?: string;
          unit_price?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'quote_items_configuration_id_fkey';
            columns: ['organization_id', 'configuration_id', 'customer_id'];
            isOneToOne: false;
            referencedRelation: 'configurations';
            referencedColumns: ['organization_id', 'id', 'customer_id'];
          },
          {
            foreignKeyName: 'quote_items_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'quote_items_quote_id_fkey';
            columns: ['organization_id', 'quote_id', 'customer_id'];
            isOneToOne: false;
            referencedRelation: 'quotes';
            referencedColumns: ['organization_id', 'id', 'customer_id'];
          },
        ];
      };
      quotes: {
        Row: {
          accepted_at: string | null;
          created_at: string;
          created_by: string | null;
          currency: string;
          customer_id: string;
          discount_amount: number;
          expired_at: string | null;
          id: string;
          notes: string | null;
          number: string;
          organization_id: string;
          rejected_at: string | null;
          rejection_reason: string | null;
          sent_at: string | null;
          status: 'draft' | 'sent' | 'accepted' | 'rejected' | 'expired';
          subtotal: number;
          tax_amount: number;
          tax_rate: number;
          total: number;
          updated_at: string;
          valid_until: string;
        };
        ComputedFields: never;
        Insert: {
          accepted_at?: string | null;
          created_at?: string;
          created_by?: string | null;
          currency: string;
          customer_id: string;
          discount_amount?: number;
          expired_at?: string | null;
          id?: string;
          notes?: string | null;
          number: string;
          organization_id?: string;
          rejected_at?: string | null;
          rejection_reason?: string | null;
          sent_at?: string | null;
          status?: 'draft' | 'sent' | 'accepted' | 'rejected' | 'expired';
          subtotal: number;
          tax_amount?: never;
          tax_rate?: number;
          total?: never;
          updated_at?: string;
          valid_until: string;
        };
        Update: {
          accepted_at?: string | null;
          created_at?: string;
          created_by?: string | null;
          currency?: string;
          customer_id?: string;
          discount_amount?: number;
          expired_at?: string | null;
          id?: string;
          notes?: string | null;
          number?: string;
          organization_id?: string;
          rejected_at?: string | null;
          rejection_reason?: string | null;
          sent_at?: string | null;
          status?: 'draft' | 'sent' | 'accepted' | 'rejected' | 'expired';
          subtotal?: number;
          tax_amount?: never;
          tax_rate?: number;
          total?: never;
          updated_at?: string;
          valid_until?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'quotes_customer_id_fkey';
            columns: ['organization_id', 'customer_id'];
            isOneToOne: false;
            referencedRelation: 'customers';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'quotes_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      refund_items: {
        Row: {
          amount: number;
          created_at: string;
          organization_id: string;
          payment_id: string;
          processed_at: string | null;
          provider_refund_id: string | null;
          refund_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          amount: number;
          created_at?: string;
          organization_id?: string;
          payment_id: string;
          processed_at?: string | null;
          provider_refund_id?: string | null;
          refund_id: string;
          updated_at?: string;
        };
        Update: {
          amount?: number;
          created_at?: string;
          organization_id?: string;
          payment_id?: string;
          processed_at?: string | null;
          provider_refund_id?: string | null;
          refund_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'refund_items_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'refund_items_payment_id_fkey';
            columns: ['organization_id', 'payment_id'];
            isOneToOne: false;
            referencedRelation: 'payments';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'refund_items_refund_id_fkey';
            columns: ['organization_id', 'refund_id'];
            isOneToOne: false;
            referencedRelation: 'refunds';
            referencedColumns: ['organization_id', 'id'];
          },
        ];
      };
      refund_rules: {
        Row: {
          created_at: string;
          hours_before: number;
          id: string;
          organization_id: string;
          refund_percent: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          hours_before: number;
          id?: string;
          organization_id?: string;
          refund_percent: number;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          hours_before?: number;
          id?: string;
          organization_id?: string;
          refund_percent?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'refund_rules_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      refunds: {
        Row: {
          amount: number;
          approved_at: string | null;
          booking_id: string;
          created_at: string;
          currency: string;
          decided_by: string | null;
          failed_at: string | null;
          failure_reason: string | null;
          id: string;
          organization_id: string;
          processed_at: string | null;
          reason: string | null;
          rejected_at: string | null;
          rejection_reason: string | null;
          requested_by: string | null;
          status: 'pending' | 'approved' | 'processing' | 'processed' | 'failed' | 'rejected';
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          amount: number;
          approved_at?: string | null;
          booking_id: string;
          created_at?: string;
          currency: string;
          decided_by?: string | null;
          failed_at?: string | null;
          failure_reason?: string | null;
          id?: string;
          organization_id?: string;
          processed_at?: string | null;
          reason?: string | null;
          rejected_at?: string | null;
          rejection_reason?: string | null;
          requested_by?: string | null;
          status?: 'pending' | 'approved' | 'processing' | 'processed' | 'failed' | 'rejected';
          updated_at?: string;
        };
        Update: {
          amount?: number;
          approved_at?: string | null;
          booking_id?: string;
          created_at?: string;
          currency?: string;
          decided_by?: string | null;
          failed_at?: string | null;
          failure_reason?: string | null;
          id?: string;
          organization_id?: string;
          processed_at?: string | null;
          reason?: string | null;
          rejected_at?: string | null;
          rejection_reason?: string | null;
          requested_by?: string | null;
          status?: 'pending' | 'approved' | 'processing' | 'processed' | 'failed' | 'rejected';
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'refunds_booking_id_fkey';
            columns: ['organization_id', 'booking_id'];
            isOneToOne: false;
            referencedRelation: 'bookings';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'refunds_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      roles: {
        Row: {
          code: string;
          created_at: string;
          description: string | null;
          is_system: boolean;
          name: string;
          organization_id: string;
          permissions: string[];
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          code: string;
          created_at?: string;
          description?: string | null;
          is_system?: boolean;
          name: string;
          organization_id?: string;
          permissions?: string[];
          updated_at?: string;
        };
        Update: {
          code?: string;
          created_at?: string;
          description?: string | null;
          is_system?: boolean;
          name?: string;
          organization_id?: string;
          permissions?: string[];
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'roles_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      sales_settings: {
        Row: {
          created_at: string;
          currency: string;
          organization_id: string;
          quote_valid_days: number;
          tax_rate: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          currency?: string;
          organization_id?: string;
          quote_valid_days?: number;
          tax_rate?: number;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          currency?: string;
          organization_id?: string;
          quote_valid_days?: number;
          tax_rate?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'sales_settings_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: true;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      template_selections: {
        Row: {
          attribute_node_id: string;
          boolean_value: boolean | null;
          manufacturing_type_id: string;
          numeric_value: number | null;
          organization_id: string;
          string_value: string | null;
          template_id: string;
        };
        ComputedFields: never;
        Insert: {
          attribute_node_id: string;
          boolean_value?: boolean | null;
          manufacturing_type_id: string;
          numeric_value?: number | null;
          organization_id?: string;
          string_value?: string | null;
          template_id: string;
        };
        Update: {
          attribute_node_id?: string;
          boolean_value?: boolean | null;
          manufacturing_type_id?: string;
          numeric_value?: number | null;
          organization_id?: string;
          string_value?: string | null;
          template_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'template_selections_attribute_node_id_fkey';
            columns: ['organization_id', 'manufacturing_type_id', 'attribute_node_id'];
            isOneToOne: false;
            referencedRelation: 'attribute_nodes';
            referencedColumns: ['organization_id', 'manufacturing_type_id', 'id'];
          },
          {
            foreignKeyName: 'template_selections_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'template_selections_template_id_fkey';
            columns: ['organization_id', 'template_id', 'manufacturing_type_id'];
            isOneToOne: false;
            referencedRelation: 'configuration_templates';
            referencedColumns: ['organization_id', 'id', 'manufacturing_type_id'];
          },
        ];
      };
      template_usage: {
        Row: {
          configuration_id: string;
          id: string;
          ordered_at: string | null;
          organization_id: string;
          quoted_at: string | null;
          template_id: string;
          usage_type: 'customer_start' | 'sales_assist' | 'quick_quote';
          used_at: string;
          used_by: string | null;
        };
        ComputedFields: never;
        Insert: {
          configuration_id: string;
          id?: string;
          ordered_at?: string | null;
          organization_id?: string;
          quoted_at?: string | null;
          template_id: string;
          usage_type: 'customer_start' | 'sales_assist' | 'quick_quote';
          used_at?: string;
          used_by?: string | null;
        };
        Update: {
          configuration_id?: string;
          id?: string;
          ordered_at?: string | null;
          organization_id?: string;
          quoted_at?: string | null;
          template_id?: string;
          usage_type?: 'customer_start' | 'sales_assist' | 'quick_quote';
          used_at?: string;
          used_by?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'template_usage_configuration_id_fkey';
            columns: ['organization_id', 'configuration_id'];
            isOneToOne: false;
            referencedRelation: 'configurations';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'template_usage_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'template_usage_template_id_fkey';
            columns: ['organization_id', 'template_id'];
            isOneToOne: false;
            referencedRelation: 'configuration_templates';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'template_usage_template_id_fkey';
            columns: ['organization_id', 'template_id'];
            isOneToOne: false;
            referencedRelation: 'template_statistics';
            referencedColumns: ['organization_id', 'template_id'];
          },
        ];
      };
      user_plant_access: {
        Row: {
          access_level: 'read' | 'write' | 'admin';
          granted_at: string;
          granted_by: string | null;
          organization_id: string;
          plant_id: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          access_level?: 'read' | 'write' | 'admin';
          granted_at?: string;
          granted_by?: string | null;
          organization_id?: string;
          plant_id: string;
          user_id: string;
        };
        Update: {
          access_level?: 'read' | 'write' | 'admin';
          granted_at?: string;
          granted_by?: string | null;
          organization_id?: string;
          plant_id?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'user_plant_access_plant_id_fkey';
            columns: ['organization_id', 'plant_id'];
            isOneToOne: false;
            referencedRelation: 'plants';
            referencedColumns: ['organization_id', 'id'];
          },
          {
            foreignKeyName: 'user_plant_access_user_id_fkey';
            columns: ['organization_id', 'user_id'];
            isOneToOne: false;
            referencedRelation: 'members';
            referencedColumns: ['organization_id', 'user_id'];
          },
        ];
      };
      user_profiles: {
        Row: {
          created_at: string;
          current_organization_id: string | null;
          deactivated_at: string | null;
          deactivated_by: string | null;
          deactivation_reason: string | null;
          display_name: string;
          is_active: boolean;
          last_seen_at: string | null;
          platform_role: 'user' | 'superadmin';
          preferences: NonNullable<Json>;
          sso_provider: string | null;
          sso_user_id: string | null;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          current_organization_id?: string | null;
          deactivated_at?: string | null;
          deactivated_by?: string | null;
          deactivation_reason?: string | null;
          display_name: string;
          is_active?: boolean;
          last_seen_at?: string | null;
          platform_role?: 'user' | 'superadmin';
          preferences?: NonNullable<Json>;
          sso_provider?: string | null;
          sso_user_id?: string | null;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          current_organization_id?: string | null;
          deactivated_at?: string | null;
          deactivated_by?: string | null;
          deactivation_reason?: string | null;
          display_name?: string;
          is_active?: boolean;
          last_seen_at?: string | null;
          platform_role?: 'user' | 'superadmin';
          preferences?: NonNullable<Json>;
          sso_provider?: string | null;
          sso_user_id?: string | null;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [];
      };
      user_roles: {
        Row: {
          department: string | null;
          expires_at: string | null;
          granted_at: string;
          granted_by: string | null;
          id: string;
          member_is_open: boolean;
          organization_id: string;
          plant_id: string | null;
          role_code: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          department?: string | null;
          expires_at?: string | null;
          granted_at?: string;
          granted_by?: string | null;
          id?: string;
          member_is_open?: boolean;
          organization_id?: string;
          plant_id?: string | null;
          role_code: string;
          user_id: string;
        };
        Update: {
          department?: string | null;
          expires_at?: string | null;
          granted_at?: string;
          granted_by?: string | null;
          id?: string;
          member_is_open?: boolean;
          organization_id?: string;
          plant_id?: string | null;
          role_code?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'user_roles_plant_id_fkey';
            columns: ['organization_id', 'user_id', 'plant_id'];
            isOneToOne: false;
            referencedRelation: 'user_plant_access';
            referencedColumns: ['organization_id', 'user_id', 'plant_id'];
          },
          {
            foreignKeyName: 'user_roles_role_code_fkey';
            columns: ['organization_id', 'role_code'];
            isOneToOne: false;
            referencedRelation: 'roles';
            referencedColumns: ['organization_id', 'code'];
          },
          {
            foreignKeyName: 'user_roles_user_id_fkey';
            columns: ['organization_id', 'user_id', 'member_is_open'];
            isOneToOne: false;
            referencedRelation: 'members';
            referencedColumns: ['organization_id', 'user_id', 'is_open'];
          },
        ];
      };
      venues: {
        Row: {
          address: NonNullable<Json>;
          created_at: string;
          directions: string | null;
          id: string;
          is_active: boolean;
          name: string;
          organization_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          address?: NonNullable<Json>;
          created_at?: string;
          directions?: string | null;
          id?: string;
          is_active?: boolean;
          name: string;
          organization_id?: string;
          updated_at?: string;
        };
        Update: {
          address?: NonNullable<Json>;
          created_at?: string;
          directions?: string | null;
          id?: string;
          is_active?: boolean;
          name?: string;
          organization_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'venues_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
    };
    Views: {
      template_statistics: {
        Row: {
          name: string;
          orders: number;
          organization_id: string;
          quotes: number;
          success_rate: number | null;
          template_id: string;
          template_type: 'standard' | 'premium' | 'economy' | 'custom';
          uses: number;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: 'configuration_templates_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
    };
    Functions: {
      accept_invitation: {
        Args: { token: string };
        Returns: Database['public']['CompositeTypes']['organization_membership'];
        SetofOptions: {
          from: '*';
          to: 'organization_membership';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      accept_quote: {
        Args: { id: string };
        Returns: {
          accepted_at: string | null;
          created_at: string;
          created_by: string | null;
          currency: string;
          customer_id: string;
          discount_amount: number;
          expired_at: string | null;
          id: string;
          notes: string | null;
          number: string;
          organization_id: string;
          rejected_at: string | null;
          rejection_reason: string | null;
          sent_at: string | null;
          status: string;
          subtotal: number;
          tax_amount: number;
          tax_rate: number;
          total: number;
          updated_at: string;
          valid_until: string;
        };
        SetofOptions: {
          from: '*';
          to: 'quotes';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      admin_list_customers: {
        Args: {
          customer_type?: string;
          has_bookings?: boolean;
          page?: number;
          per_page?: number;
          search?: string;
        };
        Returns: Database['public']['CompositeTypes']['customer_page'];
        SetofOptions: {
          from: '*';
          to: 'customer_page';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      apply_template: {
        Args: { customer_id?: string; is_quick_quote?: boolean; name: string; template_id: string };
        Returns: {
          base_price: number;
          base_weight: number;
          created_at: string;
          created_by: string | null;
          customer_id: string;
          description: string | null;
          id: string;
          manufacturing_type_id: string;
          name: string;
          ordered_at: string | null;
          organization_id: string;
          priced_revision: number;
          quoted_at: string | null;
          reference_code: string;
          saved_at: string | null;
          status: string;
          technical_data: NonNullable<Json>;
          template_id: string | null;
          total_price: number;
          total_weight: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'configurations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      approve_member: {
        Args: { user_id: string };
        Returns: {
          approved_by: string | null;
          created_at: string;
          is_open: boolean;
          joined_at: string | null;
          organization_id: string;
          organization_status: string;
          status: string;
          suspended_at: string | null;
          updated_at: string;
          user_id: string;
          user_is_active: boolean;
        };
        SetofOptions: {
          from: '*';
          to: 'members';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      approve_refund: {
        Args: { id: string };
        Returns: {
          amount: number;
          approved_at: string | null;
          booking_id: string;
          created_at: string;
          currency: string;
          decided_by: string | null;
          failed_at: string | null;
          failure_reason: string | null;
          id: string;
          organization_id: string;
          processed_at: string | null;
          reason: string | null;
          rejected_at: string | null;
          rejection_reason: string | null;
          requested_by: string | null;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'refunds';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      attach_payment_intent: {
        Args: { organization_id: string; payment_id: string; provider_intent_id: string };
        Returns: {
          amount: number;
          amount_refunded: number;
          booking_id: string;
          created_at: string;
          created_by: string | null;
          currency: string;
          failed_at: string | null;
          failure_reason: string | null;
          id: string;
          idempotency_key: string | null;
          method: string;
          note: string | null;
          organization_id: string;
          provider: string;
          provider_intent_id: string | null;
          status: string;
          succeeded_at: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'payments';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      attendance_sheet: {
        Args: { session_id: string };
        Returns: Database['public']['CompositeTypes']['attendance_entry'][];
        SetofOptions: {
          from: '*';
          to: 'attendance_entry';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      backfill_booking_customers: {
        Args: { batch_size?: number; dry_run?: boolean };
        Returns: Database['public']['CompositeTypes']['booking_backfill'];
        SetofOptions: {
          from: '*';
          to: 'booking_backfill';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      booking_details: {
        Args: { id: string };
        Returns: Database['public']['CompositeTypes']['booking_details'];
        SetofOptions: {
          from: '*';
          to: 'booking_details';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      booking_document: {
        Args: { booking_id: string; organization_id: string };
        Returns: Database['public']['CompositeTypes']['booking_details'][];
        SetofOptions: {
          from: '*';
          to: 'booking_details';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      booking_price: {
        Args: { discount_code?: string; places: number; session_id: string };
        Returns: Database['public']['CompositeTypes']['booking_price'];
        SetofOptions: {
          from: '*';
          to: 'booking_price';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      cancel_booking: {
        Args: { id: string; reason?: string };
        Returns: {
          amount_paid: number;
          amount_refunded: number;
          attendee_count: number;
          cancellation_reason: string | null;
          cancelled_at: string | null;
          code_discount: number;
          completed_at: string | null;
          confirmed_at: string | null;
          contact_details: Json | null;
          contact_email: string | null;
          contact_problem: string | null;
          created_at: string;
          created_by: string | null;
          currency: string;
          customer_id: string | null;
          discount_code_id: string | null;
          group_discount: number;
          id: string;
          notes: string | null;
          organization_id: string;
          reference: string;
          refunded_at: string | null;
          session_id: string;
          status: string;
          subtotal: number;
          terms_accepted_at: string | null;
          total: number;
          unit_price: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'bookings';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      cancel_organization: {
        Args: { id: string; reason: string };
        Returns: {
          address: NonNullable<Json>;
          allow_self_registration: boolean;
          billing_email: string | null;
          cancelled_at: string | null;
          contact_email: string | null;
          contact_name: string | null;
          contact_phone: string | null;
          created_at: string;
          created_by: string | null;
          features: NonNullable<Json>;
          id: string;
          industry: string | null;
          max_properties: number;
          max_users: number;
          name: string;
          requires_approval: boolean;
          size: string | null;
          slug: string;
          status: string;
          status_reason: string | null;
          suspended_at: string | null;
          tier: string;
          timezone: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'organizations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      cancel_session: {
        Args: { id: string; reason: string };
        Returns: {
          cancellation_reason: string | null;
          cancelled_at: string | null;
          capacity: number;
          completed_at: string | null;
          course_id: string;
          created_at: string;
          ends_at: string;
          id: string;
          instructor_id: string | null;
          organization_id: string;
          places_held: number;
          places_taken: number;
          price: number | null;
          published_at: string | null;
          revision: number;
          room: string;
          starts_at: string;
          status: string;
          updated_at: string;
          venue_id: string | null;
        };
        SetofOptions: {
          from: '*';
          to: 'course_sessions';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      change_order_item_status: {
        Args: { id: string; status: string };
        Returns: {
          completed_at: string | null;
          configuration_id: string;
          description: string;
          id: string;
          in_production_at: string | null;
          line_total: number;
          order_id: string;
          organization_id: string;
          pending_at: string | null;
          position: number;
          quantity: number;
          quote_item_id: string;
          status: string;
          unit_price: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'order_items';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      change_order_status: {
        Args: { id: string; reason?: string; status: string };
        Returns: {
          cancellation_reason: string | null;
          cancelled_at: string | null;
          confirmed_at: string | null;
          created_at: string;
          created_by: string | null;
          currency: string;
          customer_id: string;
          delivery_address: NonNullable<Json>;
          discount_amount: number;
          id: string;
          installed_at: string | null;
          notes: string | null;
          number: string;
          organization_id: string;
          production_at: string | null;
          quote_id: string;
          required_date: string | null;
          shipped_at: string | null;
          status: string;
          subtotal: number;
          tax_amount: number;
          tax_rate: number;
          total: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'orders';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      check_permission: { Args: { code: string; plant_id?: string }; Returns: boolean };
      check_request: { Args: Record<PropertyKey, never>; Returns: undefined };
      check_user_integrity: {
        Args: Record<PropertyKey, never>;
        Returns: Database['public']['CompositeTypes']['user_integrity_problem'][];
        SetofOptions: {
          from: '*';
          to: 'user_integrity_problem';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      claim_jobs: {
        Args: { quantity?: number; queue: string; visibility_seconds?: number };
        Returns: {
          attempt: number;
          enqueued_at: string;
          kind: string;
          message_id: number;
          payload: Json;
        }[];
      };
      clone_session: {
        Args: { id: string; starts_at: string; with_instructor?: boolean };
        Returns: {
          cancellation_reason: string | null;
          cancelled_at: string | null;
          capacity: number;
          completed_at: string | null;
          course_id: string;
          created_at: string;
          ends_at: string;
          id: string;
          instructor_id: string | null;
          organization_id: string;
          places_held: number;
          places_taken: number;
          price: number | null;
          published_at: string | null;
          revision: number;
          room: string;
          starts_at: string;
          status: string;
          updated_at: string;
          venue_id: string | null;
        };
        SetofOptions: {
          from: '*';
          to: 'course_sessions';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      complete_jobs: { Args: { message_ids: number[]; queue: string }; Returns: number };
      complete_refund: {
        Args: { id: string };
        Returns: {
          amount: number;
          approved_at: string | null;
          booking_id: string;
          created_at: string;
          currency: string;
          decided_by: string | null;
          failed_at: string | null;
          failure_reason: string | null;
          id: string;
          organization_id: string;
          processed_at: string | null;
          reason: string | null;
          rejected_at: string | null;
          rejection_reason: string | null;
          requested_by: string | null;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'refunds';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      complete_session: {
        Args: { id: string };
        Returns: {
          cancellation_reason: string | null;
          cancelled_at: string | null;
          capacity: number;
          completed_at: string | null;
          course_id: string;
          created_at: string;
          ends_at: string;
          id: string;
          instructor_id: string | null;
          organization_id: string;
          places_held: number;
          places_taken: number;
          price: number | null;
          published_at: string | null;
          revision: number;
          room: string;
          starts_at: string;
          status: string;
          updated_at: string;
          venue_id: string | null;
        };
        SetofOptions: {
          from: '*';
          to: 'course_sessions';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      confirm_booking: {
        Args: { id: string };
        Returns: {
          amount_paid: number;
          amount_refunded: number;
          attendee_count: number;
          cancellation_reason: string | null;
          cancelled_at: string | null;
          code_discount: number;
          completed_at: string | null;
          confirmed_at: string | null;
          contact_details: Json | null;
          contact_email: string | null;
          contact_problem: string | null;
          created_at: string;
          created_by: string | null;
          currency: string;
          customer_id: string | null;
          discount_code_id: string | null;
          group_discount: number;
          id: string;
          notes: string | null;
          organization_id: string;
          reference: string;
          refunded_at: string | null;
          session_id: string;
          status: string;
          subtotal: number;
          terms_accepted_at: string | null;
          total: number;
          unit_price: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'bookings';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_booking: {
        Args: {
          contact: Json;
          discount_code?: string;
          expected_total?: number;
          idempotency_key?: string;
          notes?: string;
          participants: Json;
          session_id: string;
          terms_accepted?: boolean;
        };
        Returns: Database['public']['CompositeTypes']['booking_receipt'];
        SetofOptions: {
          from: '*';
          to: 'booking_receipt';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_invitation: {
        Args: { email: string; id: string; plant_id?: string; role_codes?: string[]; token_hash: string };
        Returns: Database['public']['CompositeTypes']['open_invitation'];
        SetofOptions: {
          from: '*';
          to: 'open_invitation';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_order: {
        Args: { delivery_address?: Json; notes?: string; quote_id: string; required_date?: string };
        Returns: {
          cancellation_reason: string | null;
          cancelled_at: string | null;
          confirmed_at: string | null;
          created_at: string;
          created_by: string | null;
          currency: string;
          customer_id: string;
          delivery_address: NonNullable<Json>;
          discount_amount: number;
          id: string;
          installed_at: string | null;
          notes: string | null;
          number: string;
          organization_id: string;
          production_at: string | null;
          quote_id: string;
          required_date: string | null;
          shipped_at: string | null;
          status: string;
          subtotal: number;
          tax_amount: number;
          tax_rate: number;
          total: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'orders';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_organization: {
        Args: {
          id?: string;
          max_users?: number;
          name: string;
          owner_id?: string;
          slug: string;
          tier?: string;
          timezone?: string;
        };
        Returns: {
          address: NonNullable<Json>;
          allow_self_registration: boolean;
          billing_email: string | null;
          cancelled_at: string | null;
          contact_email: string | null;
          contact_name: string | null;
          contact_phone: string | null;
          created_at: string;
          created_by: string | null;
          features: NonNullable<Json>;
          id: string;
          industry: string | null;
          max_properties: number;
          max_users: number;
          name: string;
          requires_approval: boolean;
          size: string | null;
          slug: string;
          status: string;
          status_reason: string | null;
          suspended_at: string | null;
          tier: string;
          timezone: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'organizations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_payment: {
        Args: { booking_id: string; idempotency_key?: string };
        Returns: {
          amount: number;
          amount_refunded: number;
          booking_id: string;
          created_at: string;
          created_by: string | null;
          currency: string;
          failed_at: string | null;
          failure_reason: string | null;
          id: string;
          idempotency_key: string | null;
          method: string;
          note: string | null;
          organization_id: string;
          provider: string;
          provider_intent_id: string | null;
          status: string;
          succeeded_at: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'payments';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_quote: {
        Args: {
          configuration_ids: string[];
          discount?: number;
          notes?: string;
          quantities?: number[];
          tax_rate?: number;
          valid_until?: string;
        };
        Returns: {
          accepted_at: string | null;
          created_at: string;
          created_by: string | null;
          currency: string;
          customer_id: string;
          discount_amount: number;
          expired_at: string | null;
          id: string;
          notes: string | null;
          number: string;
          organization_id: string;
          rejected_at: string | null;
          rejection_reason: string | null;
          sent_at: string | null;
          status: string;
          subtotal: number;
          tax_amount: number;
          tax_rate: number;
          total: number;
          updated_at: string;
          valid_until: string;
        };
        SetofOptions: {
          from: '*';
          to: 'quotes';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_recurring_sessions: {
        Args: {
          capacity?: number;
          course_id: string;
          first_starts_at: string;
          frequency: string;
          instructor_id?: string;
          occurrences: number;
          price?: number;
          room?: string;
          venue_id?: string;
        };
        Returns: {
          cancellation_reason: string | null;
          cancelled_at: string | null;
          capacity: number;
          completed_at: string | null;
          course_id: string;
          created_at: string;
          ends_at: string;
          id: string;
          instructor_id: string | null;
          organization_id: string;
          places_held: number;
          places_taken: number;
          price: number | null;
          published_at: string | null;
          revision: number;
          room: string;
          starts_at: string;
          status: string;
          updated_at: string;
          venue_id: string | null;
        }[];
        SetofOptions: {
          from: '*';
          to: 'course_sessions';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      create_role: {
        Args: { code: string; description?: string; name: string; permissions?: string[] };
        Returns: {
          code: string;
          created_at: string;
          description: string | null;
          is_system: boolean;
          name: string;
          organization_id: string;
          permissions: string[];
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'roles';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      create_template: {
        Args: { configuration_id: string; is_public?: boolean; name: string; template_type?: string };
        Returns: {
          created_at: string;
          created_by: string | null;
          description: string | null;
          id: string;
          is_active: boolean;
          is_public: boolean;
          manufacturing_type_id: string;
          name: string;
          organization_id: string;
          template_type: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'configuration_templates';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      custom_access_token_hook: { Args: { event: Json }; Returns: Json };
      customer_details: {
        Args: { id: string };
        Returns: Database['public']['CompositeTypes']['customer_details'];
        SetofOptions: {
          from: '*';
          to: 'customer_details';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      deactivate_user: {
        Args: { id: string; reason: string };
        Returns: Database['public']['CompositeTypes']['user_account'];
        SetofOptions: {
          from: '*';
          to: 'user_account';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      dead_letters: {
        Args: { queue: string };
        Returns: Database['public']['CompositeTypes']['dead_letter'][];
        SetofOptions: {
          from: '*';
          to: 'dead_letter';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      delete_configuration: {
        Args: { id: string };
        Returns: {
          base_price: number;
          base_weight: number;
          created_at: string;
          created_by: string | null;
          customer_id: string;
          description: string | null;
          id: string;
          manufacturing_type_id: string;
          name: string;
          ordered_at: string | null;
          organization_id: string;
          priced_revision: number;
          quoted_at: string | null;
          reference_code: string;
          saved_at: string | null;
          status: string;
          technical_data: NonNullable<Json>;
          template_id: string | null;
          total_price: number;
          total_weight: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'configurations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      delete_customer: {
        Args: { id: string };
        Returns: {
          address: NonNullable<Json>;
          company_name: string | null;
          contact_person: string | null;
          created_at: string;
          customer_since: string;
          customer_type: string;
          email: string | null;
          emergency_contact_name: string | null;
          emergency_contact_phone: string | null;
          first_booking_at: string | null;
          id: string;
          is_active: boolean;
          last_booking_at: string | null;
          marketing_consent: boolean;
          notes: string | null;
          organization_id: string;
          payment_terms: string | null;
          phone: string | null;
          search_text: string;
          search_words: unknown;
          sms_consent: boolean;
          tags: string[];
          tax_id: string | null;
          total_bookings: number;
          total_spent: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'customers';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      delete_role: {
        Args: { code: string };
        Returns: {
          code: string;
          created_at: string;
          description: string | null;
          is_system: boolean;
          name: string;
          organization_id: string;
          permissions: string[];
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'roles';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      delete_user: { Args: { id: string }; Returns: undefined };
      entry_preview: {
        Args: { manufacturing_type_id: string; selections: Json };
        Returns: Database['public']['CompositeTypes']['entry_preview'];
        SetofOptions: {
          from: '*';
          to: 'entry_preview';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      entry_schema: {
        Args: { manufacturing_type_id: string };
        Returns: Database['public']['CompositeTypes']['entry_field'][];
        SetofOptions: {
          from: '*';
          to: 'entry_field';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      explain_customer_access: {
        Args: { customer_id: string; user_id: string };
        Returns: Database['public']['CompositeTypes']['customer_access_reason'][];
        SetofOptions: {
          from: '*';
          to: 'customer_access_reason';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      export_bookings: {
        Args: { after?: string; amount?: number; starts_before?: string; starts_from?: string };
        Returns: Database['public']['CompositeTypes']['booking_export_row'][];
        SetofOptions: {
          from: '*';
          to: 'booking_export_row';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      fail_job: {
        Args: { attempt?: number; error: string; is_final?: boolean; message_id: number; queue: string };
        Returns: string;
      };
      find_or_create_customer: {
        Args: { company?: string; email: string; name?: string; phone?: string };
        Returns: {
          address: NonNullable<Json>;
          company_name: string | null;
          contact_person: string | null;
          created_at: string;
          customer_since: string;
          customer_type: string;
          email: string | null;
          emergency_contact_name: string | null;
          emergency_contact_phone: string | null;
          first_booking_at: string | null;
          id: string;
          is_active: boolean;
          last_booking_at: string | null;
          marketing_consent: boolean;
          notes: string | null;
          organization_id: string;
          payment_terms: string | null;
          phone: string | null;
          search_text: string;
          search_words: unknown;
          sms_consent: boolean;
          tags: string[];
          tax_id: string | null;
          total_bookings: number;
          total_spent: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'customers';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      finish_refund: {
        Args: { organization_id: string; refund_id: string; results: Json };
        Returns: {
          amount: number;
          approved_at: string | null;
          booking_id: string;
          created_at: string;
          currency: string;
          decided_by: string | null;
          failed_at: string | null;
          failure_reason: string | null;
          id: string;
          organization_id: string;
          processed_at: string | null;
          reason: string | null;
          rejected_at: string | null;
          rejection_reason: string | null;
          requested_by: string | null;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'refunds';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      get_or_create_customer: {
        Args: Record<PropertyKey, never>;
        Returns: {
          address: NonNullable<Json>;
          company_name: string | null;
          contact_person: string | null;
          created_at: string;
          customer_since: string;
          customer_type: string;
          email: string | null;
          emergency_contact_name: string | null;
          emergency_contact_phone: string | null;
          first_booking_at: string | null;
          id: string;
          is_active: boolean;
          last_booking_at: string | null;
          marketing_consent: boolean;
          notes: string | null;
          organization_id: string;
          payment_terms: string | null;
          phone: string | null;
          search_text: string;
          search_words: unknown;
          sms_consent: boolean;
          tags: string[];
          tax_id: string | null;
          total_bookings: number;
          total_spent: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'customers';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      get_user: {
        Args: { id: string };
        Returns: Database['public']['CompositeTypes']['user_account'];
        SetofOptions: {
          from: '*';
          to: 'user_account';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      grant_plant_access: {
        Args: { access_level?: string; plant_id: string; user_id: string };
        Returns: {
          access_level: string;
          granted_at: string;
          granted_by: string | null;
          organization_id: string;
          plant_id: string;
          user_id: string;
        };
        SetofOptions: {
          from: '*';
          to: 'user_plant_access';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      grant_role: {
        Args: {
          department?: string;
          expires_at?: string;
          plant_id?: string;
          role_code: string;
          user_id: string;
        };
        Returns: {
          department: string | null;
          expires_at: string | null;
          granted_at: string;
          granted_by: string | null;
          id: string;
          member_is_open: boolean;
          organization_id: string;
          plant_id: string | null;
          role_code: string;
          user_id: string;
        };
        SetofOptions: {
          from: '*';
          to: 'user_roles';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      invitation_to_send: {
        Args: { invitation_id: string; organization_id: string };
        Returns: Database['public']['CompositeTypes']['invitation_mail'][];
        SetofOptions: {
          from: '*';
          to: 'invitation_mail';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      invoice_document: {
        Args: { invoice_id: string; organization_id: string };
        Returns: Database['public']['CompositeTypes']['invoice_document'][];
        SetofOptions: {
          from: '*';
          to: 'invoice_document';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      is_organization_id: { Args: { candidate: string }; Returns: boolean };
      is_superadmin: { Args: Record<PropertyKey, never>; Returns: boolean };
      jobs_overview: {
        Args: Record<PropertyKey, never>;
        Returns: Database['public']['CompositeTypes']['job_queue_overview'][];
        SetofOptions: {
          from: '*';
          to: 'job_queue_overview';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      join_organization: {
        Args: { slug: string };
        Returns: Database['public']['CompositeTypes']['organization_membership'];
        SetofOptions: {
          from: '*';
          to: 'organization_membership';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      join_waitlist: {
        Args: { attendee_count?: number; contact?: Json; session_id: string };
        Returns: {
          attendee_count: number;
          booked_at: string | null;
          booking_id: string | null;
          created_at: string;
          customer_id: string;
          expired_at: string | null;
          id: string;
          notified_at: string | null;
          offer_expires_at: string | null;
          organization_id: string;
          position: number;
          session_id: string;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'booking_waitlist';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      leave_waitlist: {
        Args: { id: string };
        Returns: {
          attendee_count: number;
          booked_at: string | null;
          booking_id: string | null;
          created_at: string;
          customer_id: string;
          expired_at: string | null;
          id: string;
          notified_at: string | null;
          offer_expires_at: string | null;
          organization_id: string;
          position: number;
          session_id: string;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'booking_waitlist';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      list_bookings: {
        Args: {
          customer_id?: string;
          page?: number;
          per_page?: number;
          query?: string;
          session_id?: string;
          starts_before?: string;
          starts_from?: string;
          status?: string;
        };
        Returns: Database['public']['CompositeTypes']['booking_page'];
        SetofOptions: {
          from: '*';
          to: 'booking_page';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      list_members: {
        Args: { page?: number; per_page?: number; search?: string; status?: string };
        Returns: Database['public']['CompositeTypes']['member_page'];
        SetofOptions: {
          from: '*';
          to: 'member_page';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      list_organizations: {
        Args: { page?: number; per_page?: number; search?: string; status?: string };
        Returns: Database['public']['CompositeTypes']['organization_page'];
        SetofOptions: {
          from: '*';
          to: 'organization_page';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      list_users: {
        Args: { page?: number; per_page?: number; role?: string; search?: string; status?: string };
        Returns: Database['public']['CompositeTypes']['user_page'];
        SetofOptions: {
          from: '*';
          to: 'user_page';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      merge_customers: {
        Args: { keep: string; remove: string };
        Returns: {
          address: NonNullable<Json>;
          company_name: string | null;
          contact_person: string | null;
          created_at: string;
          customer_since: string;
          customer_type: string;
          email: string | null;
          emergency_contact_name: string | null;
          emergency_contact_phone: string | null;
          first_booking_at: string | null;
          id: string;
          is_active: boolean;
          last_booking_at: string | null;
          marketing_consent: boolean;
          notes: string | null;
          organization_id: string;
          payment_terms: string | null;
          phone: string | null;
          search_text: string;
          search_words: unknown;
          sms_consent: boolean;
          tags: string[];
          tax_id: string | null;
          total_bookings: number;
          total_spent: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'customers';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      my_organizations: {
        Args: Record<PropertyKey, never>;
        Returns: Database['public']['CompositeTypes']['organization_membership'][];
        SetofOptions: {
          from: '*';
          to: 'organization_membership';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      my_permissions: {
        Args: Record<PropertyKey, never>;
        Returns: Database['public']['CompositeTypes']['held_permission'][];
        SetofOptions: {
          from: '*';
          to: 'held_permission';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      organization_usage: {
        Args: Record<PropertyKey, never>;
        Returns: Database['public']['CompositeTypes']['organization_use'][];
        SetofOptions: {
          from: '*';
          to: 'organization_use';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      payment_events: {
        Args: { outcome?: string; page?: number; per_page?: number };
        Returns: Database['public']['CompositeTypes']['payment_event_page'];
        SetofOptions: {
          from: '*';
          to: 'payment_event_page';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      publish_session: {
        Args: { id: string };
        Returns: {
          cancellation_reason: string | null;
          cancelled_at: string | null;
          capacity: number;
          completed_at: string | null;
          course_id: string;
          created_at: string;
          ends_at: string;
          id: string;
          instructor_id: string | null;
          organization_id: string;
          places_held: number;
          places_taken: number;
          price: number | null;
          published_at: string | null;
          revision: number;
          room: string;
          starts_at: string;
          status: string;
          updated_at: string;
          venue_id: string | null;
        };
        SetofOptions: {
          from: '*';
          to: 'course_sessions';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      purge_organization: {
        Args: { confirm_name: string; id: string };
        Returns: Database['public']['CompositeTypes']['organization_use'][];
        SetofOptions: {
          from: '*';
          to: 'organization_use';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      reactivate_member: {
        Args: { user_id: string };
        Returns: {
          approved_by: string | null;
          created_at: string;
          is_open: boolean;
          joined_at: string | null;
          organization_id: string;
          organization_status: string;
          status: string;
          suspended_at: string | null;
          updated_at: string;
          user_id: string;
          user_is_active: boolean;
        };
        SetofOptions: {
          from: '*';
          to: 'members';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      reactivate_organization: {
        Args: { id: string };
        Returns: {
          address: NonNullable<Json>;
          allow_self_registration: boolean;
          billing_email: string | null;
          cancelled_at: string | null;
          contact_email: string | null;
          contact_name: string | null;
          contact_phone: string | null;
          created_at: string;
          created_by: string | null;
          features: NonNullable<Json>;
          id: string;
          industry: string | null;
          max_properties: number;
          max_users: number;
          name: string;
          requires_approval: boolean;
          size: string | null;
          slug: string;
          status: string;
          status_reason: string | null;
          suspended_at: string | null;
          tier: string;
          timezone: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'organizations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      reactivate_user: {
        Args: { id: string };
        Returns: Database['public']['CompositeTypes']['user_account'];
        SetofOptions: {
          from: '*';
          to: 'user_account';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      recalculate_customer_statistics: {
        Args: { customer_id?: string; dry_run?: boolean };
        Returns: Database['public']['CompositeTypes']['customer_statistics_difference'][];
        SetofOptions: {
          from: '*';
          to: 'customer_statistics_difference';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      record_attendance: {
        Args: { entries: Json; session_id: string };
        Returns: Database['public']['CompositeTypes']['attendance_entry'][];
        SetofOptions: {
          from: '*';
          to: 'attendance_entry';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      record_payment: {
        Args: {
          amount: number;
          booking_id: string;
          idempotency_key?: string;
          method?: string;
          note?: string;
        };
        Returns: {
          amount: number;
          amount_refunded: number;
          booking_id: string;
          created_at: string;
          created_by: string | null;
          currency: string;
          failed_at: string | null;
          failure_reason: string | null;
          id: string;
          idempotency_key: string | null;
          method: string;
          note: string | null;
          organization_id: string;
          provider: string;
          provider_intent_id: string | null;
          status: string;
          succeeded_at: string | null;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'payments';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      record_payment_event: {
        Args: {
          change?: Json;
          event_id: string;
          event_type: string;
          occurred_at: string;
          payload: Json;
          provider: string;
        };
        Returns: Database['public']['CompositeTypes']['payment_event_outcome'];
        SetofOptions: {
          from: '*';
          to: 'payment_event_outcome';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      record_security_event: {
        Args: {
          actor_id?: string;
          details?: Json;
          event: string;
          organization_id?: string;
          severity?: string;
        };
        Returns: undefined;
      };
      refund_to_process: {
        Args: { message_id: number; organization_id: string; refund_id: string };
        Returns: Database['public']['CompositeTypes']['refund_part'][];
        SetofOptions: {
          from: '*';
          to: 'refund_part';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      reject_member: {
        Args: { user_id: string };
        Returns: {
          approved_by: string | null;
          created_at: string;
          is_open: boolean;
          joined_at: string | null;
          organization_id: string;
          organization_status: string;
          status: string;
          suspended_at: string | null;
          updated_at: string;
          user_id: string;
          user_is_active: boolean;
        };
        SetofOptions: {
          from: '*';
          to: 'members';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      reject_quote: {
        Args: { id: string; reason?: string };
        Returns: {
          accepted_at: string | null;
          created_at: string;
          created_by: string | null;
          currency: string;
          customer_id: string;
          discount_amount: number;
          expired_at: string | null;
          id: string;
          notes: string | null;
          number: string;
          organization_id: string;
          rejected_at: string | null;
          rejection_reason: string | null;
          sent_at: string | null;
          status: string;
          subtotal: number;
          tax_amount: number;
          tax_rate: number;
          total: number;
          updated_at: string;
          valid_until: string;
        };
        SetofOptions: {
          from: '*';
          to: 'quotes';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      reject_refund: {
        Args: { id: string; reason?: string };
        Returns: {
          amount: number;
          approved_at: string | null;
          booking_id: string;
          created_at: string;
          currency: string;
          decided_by: string | null;
          failed_at: string | null;
          failure_reason: string | null;
          id: string;
          organization_id: string;
          processed_at: string | null;
          reason: string | null;
          rejected_at: string | null;
          rejection_reason: string | null;
          requested_by: string | null;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'refunds';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      remove_member: {
        Args: { user_id: string };
        Returns: {
          approved_by: string | null;
          created_at: string;
          is_open: boolean;
          joined_at: string | null;
          organization_id: string;
          organization_status: string;
          status: string;
          suspended_at: string | null;
          updated_at: string;
          user_id: string;
          user_is_active: boolean;
        };
        SetofOptions: {
          from: '*';
          to: 'members';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      reopen_configuration: {
        Args: { id: string };
        Returns: {
          base_price: number;
          base_weight: number;
          created_at: string;
          created_by: string | null;
          customer_id: string;
          description: string | null;
          id: string;
          manufacturing_type_id: string;
          name: string;
          ordered_at: string | null;
          organization_id: string;
          priced_revision: number;
          quoted_at: string | null;
          reference_code: string;
          saved_at: string | null;
          status: string;
          technical_data: NonNullable<Json>;
          template_id: string | null;
          total_price: number;
          total_weight: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'configurations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      replay_dead_letters: { Args: { message_ids?: number[]; queue: string }; Returns: number };
      request_refund: {
        Args: { amount?: number; booking_id: string; reason?: string };
        Returns: {
          amount: number;
          approved_at: string | null;
          booking_id: string;
          created_at: string;
          currency: string;
          decided_by: string | null;
          failed_at: string | null;
          failure_reason: string | null;
          id: string;
          organization_id: string;
          processed_at: string | null;
          reason: string | null;
          rejected_at: string | null;
          rejection_reason: string | null;
          requested_by: string | null;
          status: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'refunds';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      resend_confirmation: { Args: { booking_id: string }; Returns: string };
      retry_payment_event: {
        Args: { event_id: string; provider: string };
        Returns: Database['public']['CompositeTypes']['payment_event_outcome'];
        SetofOptions: {
          from: '*';
          to: 'payment_event_outcome';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      revoke_invitation: {
        Args: { id: string };
        Returns: Database['public']['CompositeTypes']['open_invitation'];
        SetofOptions: {
          from: '*';
          to: 'open_invitation';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      revoke_plant_access: {
        Args: { plant_id: string; user_id: string };
        Returns: {
          access_level: string;
          granted_at: string;
          granted_by: string | null;
          organization_id: string;
          plant_id: string;
          user_id: string;
        };
        SetofOptions: {
          from: '*';
          to: 'user_plant_access';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      revoke_role: {
        Args: { id: string };
        Returns: {
          department: string | null;
          expires_at: string | null;
          granted_at: string;
          granted_by: string | null;
          id: string;
          member_is_open: boolean;
          organization_id: string;
          plant_id: string | null;
          role_code: string;
          user_id: string;
        };
        SetofOptions: {
          from: '*';
          to: 'user_roles';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      run_user_sync_job: { Args: { message_id: number }; Returns: boolean };
      save_configuration: {
        Args: { id: string };
        Returns: {
          base_price: number;
          base_weight: number;
          created_at: string;
          created_by: string | null;
          customer_id: string;
          description: string | null;
          id: string;
          manufacturing_type_id: string;
          name: string;
          ordered_at: string | null;
          organization_id: string;
          priced_revision: number;
          quoted_at: string | null;
          reference_code: string;
          saved_at: string | null;
          status: string;
          technical_data: NonNullable<Json>;
          template_id: string | null;
          total_price: number;
          total_weight: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'configurations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      save_entry: {
        Args: { customer_id?: string; manufacturing_type_id: string; name: string; selections: Json };
        Returns: {
          base_price: number;
          base_weight: number;
          created_at: string;
          created_by: string | null;
          customer_id: string;
          description: string | null;
          id: string;
          manufacturing_type_id: string;
          name: string;
          ordered_at: string | null;
          organization_id: string;
          priced_revision: number;
          quoted_at: string | null;
          reference_code: string;
          saved_at: string | null;
          status: string;
          technical_data: NonNullable<Json>;
          template_id: string | null;
          total_price: number;
          total_weight: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'configurations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      search_customers: {
        Args: { has_bookings?: boolean; page?: number; per_page?: number; query?: string; type?: string };
        Returns: Database['public']['CompositeTypes']['customer_page'];
        SetofOptions: {
          from: '*';
          to: 'customer_page';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      send_invoice: {
        Args: { id: string };
        Returns: {
          amount_paid: number;
          amount_refunded: number;
          booking_id: string;
          created_at: string;
          currency: string;
          description: string;
          discount_amount: number;
          due_on: string | null;
          id: string;
          number: string | null;
          organization_id: string;
          paid_at: string | null;
          quantity: number;
          refunded_at: string | null;
          sent_at: string | null;
          status: string;
          subtotal: number;
          total: number;
          unit_price: number;
          updated_at: string;
          void_at: string | null;
        };
        SetofOptions: {
          from: '*';
          to: 'invoices';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      send_quote: {
        Args: { id: string };
        Returns: {
          accepted_at: string | null;
          created_at: string;
          created_by: string | null;
          currency: string;
          customer_id: string;
          discount_amount: number;
          expired_at: string | null;
          id: string;
          notes: string | null;
          number: string;
          organization_id: string;
          rejected_at: string | null;
          rejection_reason: string | null;
          sent_at: string | null;
          status: string;
          subtotal: number;
          tax_amount: number;
          tax_rate: number;
          total: number;
          updated_at: string;
          valid_until: string;
        };
        SetofOptions: {
          from: '*';
          to: 'quotes';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      session_calendar: {
        Args: {
          course_id?: string;
          instructor_id?: string;
          starts_before: string;
          starts_from: string;
          venue_id?: string;
        };
        Returns: Database['public']['CompositeTypes']['session_calendar_entry'][];
        SetofOptions: {
          from: '*';
          to: 'session_calendar_entry';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      suspend_member: {
        Args: { user_id: string };
        Returns: {
          approved_by: string | null;
          created_at: string;
          is_open: boolean;
          joined_at: string | null;
          organization_id: string;
          organization_status: string;
          status: string;
          suspended_at: string | null;
          updated_at: string;
          user_id: string;
          user_is_active: boolean;
        };
        SetofOptions: {
          from: '*';
          to: 'members';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      suspend_organization: {
        Args: { id: string; reason: string };
        Returns: {
          address: NonNullable<Json>;
          allow_self_registration: boolean;
          billing_email: string | null;
          cancelled_at: string | null;
          contact_email: string | null;
          contact_name: string | null;
          contact_phone: string | null;
          created_at: string;
          created_by: string | null;
          features: NonNullable<Json>;
          id: string;
          industry: string | null;
          max_properties: number;
          max_users: number;
          name: string;
          requires_approval: boolean;
          size: string | null;
          slug: string;
          status: string;
          status_reason: string | null;
          suspended_at: string | null;
          tier: string;
          timezone: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'organizations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      switch_organization: {
        Args: { id: string };
        Returns: Database['public']['CompositeTypes']['organization_membership'];
        SetofOptions: {
          from: '*';
          to: 'organization_membership';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      sync_user_profiles: {
        Args: { dry_run?: boolean };
        Returns: Database['public']['CompositeTypes']['user_sync_report'];
        SetofOptions: {
          from: '*';
          to: 'user_sync_report';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_entry: {
        Args: { configuration_id: string; name?: string; selections: Json };
        Returns: {
          base_price: number;
          base_weight: number;
          created_at: string;
          created_by: string | null;
          customer_id: string;
          description: string | null;
          id: string;
          manufacturing_type_id: string;
          name: string;
          ordered_at: string | null;
          organization_id: string;
          priced_revision: number;
          quoted_at: string | null;
          reference_code: string;
          saved_at: string | null;
          status: string;
          technical_data: NonNullable<Json>;
          template_id: string | null;
          total_price: number;
          total_weight: number;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'configurations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_organization: {
        Args: {
          features?: Json;
          id: string;
          max_properties?: number;
          max_users?: number;
          name?: string;
          slug?: string;
          tier?: string;
          timezone?: string;
        };
        Returns: {
          address: NonNullable<Json>;
          allow_self_registration: boolean;
          billing_email: string | null;
          cancelled_at: string | null;
          contact_email: string | null;
          contact_name: string | null;
          contact_phone: string | null;
          created_at: string;
          created_by: string | null;
          features: NonNullable<Json>;
          id: string;
          industry: string | null;
          max_properties: number;
          max_users: number;
          name: string;
          requires_approval: boolean;
          size: string | null;
          slug: string;
          status: string;
          status_reason: string | null;
          suspended_at: string | null;
          tier: string;
          timezone: string;
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'organizations';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_platform_settings: { Args: { allow_organization_sign_up: boolean }; Returns: boolean };
      update_quote: {
        Args: {
          discount?: number;
          id: string;
          notes?: string;
          quantities?: number[];
          tax_rate?: number;
          valid_until?: string;
        };
        Returns: {
          accepted_at: string | null;
          created_at: string;
          created_by: string | null;
          currency: string;
          customer_id: string;
          discount_amount: number;
          expired_at: string | null;
          id: string;
          notes: string | null;
          number: string;
          organization_id: string;
          rejected_at: string | null;
          rejection_reason: string | null;
          sent_at: string | null;
          status: string;
          subtotal: number;
          tax_amount: number;
          tax_rate: number;
          total: number;
          updated_at: string;
          valid_until: string;
        };
        SetofOptions: {
          from: '*';
          to: 'quotes';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_role: {
        Args: { code: string; description?: string; name?: string; permissions?: string[] };
        Returns: {
          code: string;
          created_at: string;
          description: string | null;
          is_system: boolean;
          name: string;
          organization_id: string;
          permissions: string[];
          updated_at: string;
        };
        SetofOptions: {
          from: '*';
          to: 'roles';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      update_user: {
        Args: { display_name?: string; id: string; platform_role?: string; preferences?: Json };
        Returns: Database['public']['CompositeTypes']['user_account'];
        SetofOptions: {
          from: '*';
          to: 'user_account';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      void_invoice: {
        Args: { id: string };
        Returns: {
          amount_paid: number;
          amount_refunded: number;
          booking_id: string;
          created_at: string;
          currency: string;
          description: string;
          discount_amount: number;
          due_on: string | null;
          id: string;
          number: string | null;
          organization_id: string;
          paid_at: string | null;
          quantity: number;
          refunded_at: string | null;
          sent_at: string | null;
          status: string;
          subtotal: number;
          total: number;
          unit_price: number;
          updated_at: string;
          void_at: string | null;
        };
        SetofOptions: {
          from: '*';
          to: 'invoices';
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      waiting_queues: { Args: Record<PropertyKey, never>; Returns: string[] };
      waitlist_offer_to_send: {
        Args: { entry_id: string; organization_id: string };
        Returns: Database['public']['CompositeTypes']['waitlist_offer_mail'][];
        SetofOptions: {
          from: '*';
          to: 'waitlist_offer_mail';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      attendance_entry: {
        attendee_id: string;
        name: string;
        email: string | null;
        is_primary: boolean;
        date_of_birth: string | null;
        booking_id: string;
        reference: string;
        booking_status: 'pending' | 'confirmed' | 'cancelled' | 'refunded' | 'completed' | 'no_show';
        contact_name: string | null;
        contact_email: string | null;
        contact_phone: string | null;
        company_name: string | null;
        requirements: Database['public']['CompositeTypes']['attendee_requirement'][] | null;
        status: 'present' | 'late' | 'absent' | 'excused' | null;
        note: string | null;
        recorded_at: string | null;
        certificate_number: string | null;
      };
      attendee_requirement: {
        kind: 'accessibility' | 'dietary' | 'medical' | 'other';
        priority: 'low' | 'normal' | 'high' | 'critical';
        note: string;
      };
      booking_backfill: {
        examined: number;
        linked: number;
        created: number;
        remaining: number;
        unusable: Database['public']['CompositeTypes']['unusable_booking'][];
      };
      booking_details: {
        id: string;
        reference: string;
        status: 'pending' | 'confirmed' | 'cancelled' | 'refunded' | 'completed' | 'no_show';
        organization_id: string;
        organization_name: string;
        organization_address: Json;
        organization_email: string | null;
        organization_phone: string | null;
        time_zone: string;
        session_id: string;
        session_status: 'draft' | 'published' | 'full' | 'cancelled' | 'completed';
        course_id: string;
        course_name: string;
        course_type: 'public' | 'private' | 'online' | 'refresher';
        starts_at: string;
        ends_at: string;
        venue_id: string | null;
        venue_name: string | null;
        venue_address: Json | null;
        venue_directions: string | null;
        room: string;
        instructor_name: string | null;
        sequence: number;
        customer_id: string | null;
        customer_name: string | null;
        customer_company: string | null;
        customer_email: string | null;
        customer_phone: string | null;
        customer_address: Json | null;
        payment_terms: string | null;
        attendee_count: number;
        unit_price: number;
        subtotal: number;
        group_discount: number;
        discount_code: string | null;
        code_discount: number;
        total: number;
        currency: string;
        amount_paid: number;
        amount_refunded: number;
        amount_open: number;
        cancellable_until: string;
        terms_accepted_at: string | null;
        notes: string | null;
        cancellation_reason: string | null;
        confirmed_at: string | null;
        cancelled_at: string | null;
        refunded_at: string | null;
        completed_at: string | null;
        created_at: string;
        updated_at: string;
        attendees: Database['public']['CompositeTypes']['booking_person'][];
        requirements: Database['public']['CompositeTypes']['booking_need'][];
        payments: Database['public']['CompositeTypes']['booking_payment'][];
        refunds: Database['public']['CompositeTypes']['booking_refund'][];
        invoices: Database['public']['CompositeTypes']['booking_invoice'][];
      };
      booking_export_row: {
        id: string;
        reference: string;
        status: 'pending' | 'confirmed' | 'cancelled' | 'refunded' | 'completed' | 'no_show';
        course: string;
        starts_at: string;
        ends_at: string;
        venue: string | null;
        customer_name: string | null;
        company: string | null;
        email: string | null;
        phone: string | null;
        attendees: number;
        total: number;
        currency: string;
        paid: number;
        refunded: number;
        booked_at: string;
      };
      booking_invoice: {
        id: string;
        number: string | null;
        status: 'draft' | 'sent' | 'paid' | 'void' | 'refunded';
        total: number;
        amount_paid: number;
        amount_refunded: number;
        currency: string;
        due_on: string | null;
        sent_at: string | null;
        paid_at: string | null;
        created_at: string;
      };
      booking_need: {
        id: string;
        attendee_id: string | null;
        kind: 'accessibility' | 'dietary' | 'medical' | 'other';
        priority: 'low' | 'normal' | 'high' | 'critical';
        note: string;
      };
      booking_page: {
        bookings: Database['public']['CompositeTypes']['booking_summary'][];
        total: number;
        page: number;
        per_page: number;
      };
      booking_payment: {
        id: string;
        provider: 'manual' | 'stripe';
        method: 'card' | 'cash' | 'bank_transfer' | 'other';
        status: 'pending' | 'processing' | 'succeeded' | 'failed' | 'cancelled';
        amount: number;
        amount_refunded: number;
        currency: string;
        note: string | null;
        failure_reason: string | null;
        succeeded_at: string | null;
        created_at: string;
      };
      booking_person: {
        id: string;
        name: string;
        email: string | null;
        is_primary: boolean;
        date_of_birth: string | null;
        attendance: 'present' | 'late' | 'absent' | 'excused' | null;
        certificate_number: string | null;
        certificate_expires_on: string | null;
      };
      booking_price: {
        session_id: string;
        attendee_count: number;
        unit_price: number;
        subtotal: number;
        group_percent: number;
        group_discount: number;
        discount_code_id: string | null;
        code_discount: number;
        total: number;
        currency: string;
      };
      booking_receipt: {
        id: string;
        reference: string;
        status: 'pending' | 'confirmed' | 'cancelled' | 'refunded' | 'completed' | 'no_show';
        session_id: string;
        customer_id: string;
        attendee_count: number;
        unit_price: number;
        subtotal: number;
        group_discount: number;
        code_discount: number;
        total: number;
        currency: string;
        invoice_id: string;
        places_left: number;
        warnings: string[];
        created_at: string;
      };
      booking_refund: {
        id: string;
        status: 'pending' | 'approved' | 'processing' | 'processed' | 'failed' | 'rejected';
        amount: number;
        currency: string;
        reason: string | null;
        rejection_reason: string | null;
        processed_at: string | null;
        created_at: string;
      };
      booking_summary: {
        id: string;
        reference: string;
        status: 'pending' | 'confirmed' | 'cancelled' | 'refunded' | 'completed' | 'no_show';
        session_id: string;
        course_id: string;
        course_name: string;
        starts_at: string;
        ends_at: string;
        venue_name: string | null;
        customer_id: string | null;
        customer_name: string | null;
        customer_email: string | null;
        customer_phone: string | null;
        customer_company: string | null;
        attendee_count: number;
        total: number;
        currency: string;
        amount_paid: number;
        amount_refunded: number;
        created_at: string;
      };
      customer_access_reason: {
        source: 'membership' | 'superadmin' | 'permission' | 'mapping' | 'assignment' | 'email';
        is_granted: boolean;
        explanation: string;
      };
      customer_booking: {
        id: string;
        reference: string;
        status: 'pending' | 'confirmed' | 'cancelled' | 'refunded' | 'completed' | 'no_show';
        course_name: string;
        starts_at: string;
        attendee_count: number;
        currency: string;
        total: number;
        amount_paid: number;
        amount_refunded: number;
        created_at: string;
      };
      customer_details: {
        id: string;
        company_name: string | null;
        contact_person: string | null;
        email: string | null;
        phone: string | null;
        address: Json;
        customer_type: 'residential' | 'commercial' | 'contractor' | 'individual' | 'corporate';
        tax_id: string | null;
        payment_terms: string | null;
        is_active: boolean;
        notes: string | null;
        tags: string[];
        customer_since: string;
        total_bookings: number;
        total_spent: number;
        created_at: string;
        quotes: Database['public']['CompositeTypes']['customer_quote'][];
        orders: Database['public']['CompositeTypes']['customer_order'][];
        bookings: Database['public']['CompositeTypes']['customer_booking'][];
        payments: Database['public']['CompositeTypes']['customer_payment'][];
      };
      customer_order: {
        id: string;
        number: string;
        status: 'confirmed' | 'production' | 'shipped' | 'installed' | 'cancelled';
        currency: string;
        total: number;
        required_date: string | null;
        created_at: string;
      };
      customer_page: {
        customers: Database['public']['CompositeTypes']['customer_summary'][];
        total: number;
        page: number;
        per_page: number;
      };
      customer_payment: {
        id: string;
        booking_id: string;
        booking_reference: string;
        provider: 'manual' | 'stripe';
        method: 'card' | 'cash' | 'bank_transfer' | 'other';
        status: 'pending' | 'processing' | 'succeeded' | 'failed' | 'cancelled';
        currency: string;
        amount: number;
        amount_refunded: number;
        created_at: string;
      };
      customer_quote: {
        id: string;
        number: string;
        status: 'draft' | 'sent' | 'accepted' | 'rejected' | 'expired';
        currency: string;
        total: number;
        valid_until: string;
        created_at: string;
      };
      customer_statistics_difference: {
        customer_id: string;
        total_bookings_before: number;
        total_bookings: number;
        total_spent_before: number;
        total_spent: number;
        first_booking_at_before: string | null;
        first_booking_at: string | null;
        last_booking_at_before: string | null;
        last_booking_at: string | null;
      };
      customer_summary: {
        id: string;
        company_name: string | null;
        contact_person: string | null;
        email: string | null;
        phone: string | null;
        customer_type: 'residential' | 'commercial' | 'contractor' | 'individual' | 'corporate';
        is_active: boolean;
        tags: string[];
        total_bookings: number;
        total_spent: number;
        last_booking_at: string | null;
        created_at: string;
      };
      dead_letter: {
        message_id: number;
        kind: string | null;
        payload: Json | null;
        error: string | null;
        attempts: number | null;
        died_at: string | null;
      };
      entry_field: {
        id: string;
        parent_id: string | null;
        code: string;
        path: string;
        depth: number;
        name: string;
        description: string | null;
        help_text: string | null;
        node_type: 'category' | 'attribute' | 'option' | 'component' | 'technical_spec';
        data_type: 'string' | 'number' | 'boolean' | 'formula' | 'dimension' | 'selection' | null;
        unit: string | null;
        ui_component: string | null;
        is_required: boolean;
        is_visible: boolean;
        default_value: Json | null;
        validation_rules: Json;
        display_condition: Json | null;
        price_impact_type: 'none' | 'fixed' | 'percentage' | 'formula';
        sort_order: number;
      };
      entry_preview: {
        is_valid: boolean;
        currency: string;
        base_price: number;
        total_price: number;
        base_weight: number;
        total_weight: number;
        fields: Database['public']['CompositeTypes']['entry_preview_field'][];
        lines: Database['public']['CompositeTypes']['entry_preview_line'][];
        messages: Json;
      };
      entry_preview_field: {
        code: string;
        is_visible: boolean;
        value: Json | null;
        messages: string[];
      };
      entry_preview_line: {
        code: string;
        name: string;
        price: number;
        weight: number;
      };
      held_permission: {
        permission: string;
        plant_id: string | null;
      };
      invitation_mail: {
        invitation_id: string;
        email: string;
        organization_name: string;
        inviter_name: string | null;
        role_names: string[];
        expires_at: string;
      };
      invoice_document: {
        invoice_id: string;
        invoice_number: string | null;
        invoice_status: 'draft' | 'sent' | 'paid' | 'void' | 'refunded';
        issued_on: string;
        due_on: string | null;
        description: string;
        organization_id: string;
        organization_name: string;
        organization_address: Json;
        organization_email: string | null;
        organization_phone: string | null;
        time_zone: string;
        customer_name: string | null;
        customer_company: string | null;
        customer_email: string | null;
        customer_address: Json | null;
        payment_terms: string | null;
        booking_id: string;
        booking_reference: string;
        booking_status: 'pending' | 'confirmed' | 'cancelled' | 'refunded' | 'completed' | 'no_show';
        course_name: string;
        venue_name: string | null;
        venue_address: Json | null;
        room: string;
        starts_at: string;
        ends_at: string;
        attendees: string[];
        quantity: number;
        unit_price: number;
        subtotal: number;
        discount: number;
        total: number;
        currency: string;
        paid: number;
        refunded: number;
      };
      job_queue_overview: {
        queue: string;
        waiting: number;
        delayed: number;
        in_progress: number;
        failing: number;
        dead_letters: number;
        oldest_waiting_seconds: number;
        last_failed_at: string | null;
        last_error: string | null;
      };
      member_page: {
        members: Database['public']['CompositeTypes']['member_summary'][];
        total: number;
        page: number;
        per_page: number;
      };
      member_summary: {
        user_id: string;
        display_name: string;
        email: string | null;
        status: 'pending' | 'active' | 'suspended';
        user_is_active: boolean;
        role_codes: string[];
        joined_at: string | null;
        last_seen_at: string | null;
        created_at: string;
      };
      open_invitation: {
        invitation_id: string;
        email: string;
        role_codes: string[];
        plant_id: string | null;
        expires_at: string;
      };
      organization_membership: {
        organization_id: string;
        organization_name: string;
        slug: string;
        organization_status: 'active' | 'suspended' | 'cancelled';
        member_status: 'pending' | 'active' | 'suspended' | null;
        role_codes: string[];
        is_current: boolean;
      };
      organization_page: {
        organizations: Database['public']['CompositeTypes']['organization_summary'][];
        total: number;
        page: number;
        per_page: number;
      };
      organization_summary: {
        id: string;
        name: string;
        slug: string;
        status: 'active' | 'suspended' | 'cancelled';
        tier: 'free' | 'basic' | 'professional' | 'enterprise';
        max_users: number;
        active_members: number;
        pending_members: number;
        plants: number;
        created_at: string;
      };
      organization_use: {
        resource: string;
        used: number;
        allowed: number | null;
      };
      payment_event: {
        provider: string;
        event_id: string;
        event_type: string;
        organization_id: string | null;
        occurred_at: string;
        outcome: 'applied' | 'ignored' | 'failed';
        error: string | null;
        attempts: number;
        received_at: string;
        processed_at: string | null;
      };
      payment_event_outcome: {
        outcome: 'applied' | 'ignored' | 'failed' | 'duplicate';
        error: string | null;
      };
      payment_event_page: {
        events: Database['public']['CompositeTypes']['payment_event'][];
        total: number;
        page: number;
        per_page: number;
      };
      refund_part: {
        refund_id: string;
        payment_id: string;
        provider: 'manual' | 'stripe';
        provider_intent_id: string;
        amount: number;
        currency: string;
      };
      session_calendar_entry: {
        id: string;
        course_id: string;
        course_name: string;
        course_type: 'public' | 'private' | 'online' | 'refresher';
        venue_id: string | null;
        venue_name: string | null;
        room: string;
        instructor_id: string | null;
        instructor_name: string | null;
        starts_at: string;
        ends_at: string;
        status: 'draft' | 'published' | 'full' | 'cancelled' | 'completed';
        capacity: number;
        places_taken: number;
        places_held: number;
        places_left: number;
        fill_rate: number;
        waiting_count: number;
      };
      unusable_booking: {
        booking_id: string;
        reference: string;
        reason: 'missing_email' | 'invalid_email';
      };
      user_account: {
        id: string;
        email: string | null;
        phone: string | null;
        display_name: string;
        platform_role: 'user' | 'superadmin';
        is_active: boolean;
        last_sign_in_at: string | null;
        created_at: string | null;
        profile_status: 'present' | 'missing';
      };
      user_integrity_problem: {
        problem:
          | 'user_without_profile'
          | 'profile_without_user'
          | 'duplicate_profile'
          | 'dangling_reference'
          | 'reference_not_validated'
          | 'undeclared_reference'
          | 'missing_trigger'
          | 'disabled_trigger';
        object: string;
        user_id: string | null;
        detail: string;
        remedy: string;
      };
      user_page: {
        users: Database['public']['CompositeTypes']['user_account'][];
        total: number;
        page: number;
        per_page: number;
      };
      user_sync_report: {
        total_auth_users: number;
        existing_profiles: number;
        missing_profiles: number;
        created_profiles: number;
        failed_creations: number;
        duration_ms: number;
      };
      waitlist_offer_mail: {
        entry_id: string;
        email: string;
        customer_name: string | null;
        organization_name: string;
        timezone: string;
        session_id: string;
        course_name: string;
        venue_name: string | null;
        room: string;
        starts_at: string;
        ends_at: string;
        attendee_count: number;
        offer_expires_at: string;
      };
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, 'public'>];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    keyof (DefaultSchema['Tables'] & DefaultSchema['Views']) | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    ? (DefaultSchema['Tables'] & DefaultSchema['Views'])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    keyof DefaultSchema['Tables'] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    keyof DefaultSchema['Tables'] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    keyof DefaultSchema['Enums'] | { schema: keyof DatabaseWithoutInternals },
  EnumName extends (DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums']
    : never) = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums'][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema['Enums']
    ? DefaultSchema['Enums'][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    keyof DefaultSchema['CompositeTypes'] | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends (PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes']
    : never) = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes'][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema['CompositeTypes']
    ? DefaultSchema['CompositeTypes'][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {},
  },
} as const;

/** The values of `attendance.status`. */
export const attendanceStatus = ['present', 'late', 'absent', 'excused'] as const;

/** The values of `attribute_nodes.node_type`. */
export const attributeNodesNodeType = [
  'category',
  'attribute',
  'option',
  'component',
  'technical_spec',
] as const;

/** The values of `attribute_nodes.data_type`. */
export const attributeNodesDataType = [
  'string',
  'number',
  'boolean',
  'formula',
  'dimension',
  'selection',
] as const;

/** The values of `attribute_nodes.price_impact_type`. */
export const attributeNodesPriceImpactType = ['none', 'fixed', 'percentage', 'formula'] as const;

/** The values of `attribute_nodes.weight_impact_type`. */
export const attributeNodesWeightImpactType = ['none', 'fixed', 'percentage', 'formula'] as const;

/** The values of `audit_logs.action`. */
export const auditLogsAction = [
  'create',
  'read',
  'update',
  'delete',
  'login',
  'logout',
  'approve',
  'reject',
  'export',
  'import',
  'system',
] as const;

/** The values of `audit_logs.severity`. */
export const auditLogsSeverity = ['info', 'notice', 'warning', 'critical'] as const;

/** The values of `booking_requirements.kind`. */
export const bookingRequirementsKind = ['accessibility', 'dietary', 'medical', 'other'] as const;

/** The values of `booking_requirements.priority`. */
export const bookingRequirementsPriority = ['low', 'normal', 'high', 'critical'] as const;

/** The values of `booking_waitlist.status`. */
export const bookingWaitlistStatus = ['waiting', 'notified', 'booked', 'expired'] as const;

/** The values of `bookings.status`. */
export const bookingsStatus = [
  'pending',
  'confirmed',
  'cancelled',
  'refunded',
  'completed',
  'no_show',
] as const;

/** The values of `configuration_snapshots.reason`. */
export const configurationSnapshotsReason = ['saved', 'quoted', 'ordered'] as const;

/** The values of `configuration_templates.template_type`. */
export const configurationTemplatesTemplateType = ['standard', 'premium', 'economy', 'custom'] as const;

/** The values of `configurations.status`. */
export const configurationsStatus = ['draft', 'saved', 'quoted', 'ordered'] as const;

/** The values of `course_sessions.status`. */
export const courseSessionsStatus = ['draft', 'published', 'full', 'cancelled', 'completed'] as const;

/** The values of `courses.course_type`. */
export const coursesCourseType = ['public', 'private', 'online', 'refresher'] as const;

/** The values of `customer_access_reason.source`. */
export const customerAccessReasonSource = [
  'membership',
  'superadmin',
  'permission',
  'mapping',
  'assignment',
  'email',
] as const;

/** The values of `customer_health_notes.kind`. */
export const customerHealthNotesKind = ['medical', 'dietary', 'other'] as const;

/** The values of `customers.customer_type`. */
export const customersCustomerType = [
  'residential',
  'commercial',
  'contractor',
  'individual',
  'corporate',
] as const;

/** The values of `discount_codes.kind`. */
export const discountCodesKind = ['percentage', 'fixed'] as const;

/** The values of `invoices.status`. */
export const invoicesStatus = ['draft', 'sent', 'paid', 'void', 'refunded'] as const;

/** The values of `members.status`. */
export const membersStatus = ['pending', 'active', 'suspended'] as const;

/** The values of `members.organization_status`. */
export const membersOrganizationStatus = ['active', 'suspended', 'cancelled'] as const;

/** The values of `order_items.status`. */
export const orderItemsStatus = ['pending', 'in_production', 'completed'] as const;

/** The values of `orders.status`. */
export const ordersStatus = ['confirmed', 'production', 'shipped', 'installed', 'cancelled'] as const;

/** The values of `organizations.status`. */
export const organizationsStatus = ['active', 'suspended', 'cancelled'] as const;

/** The values of `organizations.tier`. */
export const organizationsTier = ['free', 'basic', 'professional', 'enterprise'] as const;

/** The values of `payment_event.outcome`. */
export const paymentEventOutcome = ['applied', 'ignored', 'failed'] as const;

/** The values of `payment_event_outcome.outcome`. */
export const paymentEventOutcomeOutcome = ['applied', 'ignored', 'failed', 'duplicate'] as const;

/** The values of `payments.provider`. */
export const paymentsProvider = ['manual', 'stripe'] as const;

/** The values of `payments.method`. */
export const paymentsMethod = ['card', 'cash', 'bank_transfer', 'other'] as const;

/** The values of `payments.status`. */
export const paymentsStatus = ['pending', 'processing', 'succeeded', 'failed', 'cancelled'] as const;

/** The values of `quotes.status`. */
export const quotesStatus = ['draft', 'sent', 'accepted', 'rejected', 'expired'] as const;

/** The values of `refunds.status`. */
export const refundsStatus = [
  'pending',
  'approved',
  'processing',
  'processed',
  'failed',
  'rejected',
] as const;

/** The values of `template_usage.usage_type`. */
export const templateUsageUsageType = ['customer_start', 'sales_assist', 'quick_quote'] as const;

/** The values of `unusable_booking.reason`. */
export const unusableBookingReason = ['missing_email', 'invalid_email'] as const;

/** The values of `user_account.profile_status`. */
export const userAccountProfileStatus = ['present', 'missing'] as const;

/** The values of `user_integrity_problem.problem`. */
export const userIntegrityProblemProblem = [
  'user_without_profile',
  'profile_without_user',
  'duplicate_profile',
  'dangling_reference',
  'reference_not_validated',
  'undeclared_reference',
  'missing_trigger',
  'disabled_trigger',
] as const;

/** The values of `user_plant_access.access_level`. */
export const userPlantAccessAccessLevel = ['read', 'write', 'admin'] as const;

/** The values of `user_profiles.platform_role`. */
export const userProfilesPlatformRole = ['user', 'superadmin'] as const;
